start: TAG 3
       FINISH "done"
expect made effect 3
expect finish "done"
