start: UNTAG 4
       FINISH "done"
expect made effect 4
expect finish "done"
