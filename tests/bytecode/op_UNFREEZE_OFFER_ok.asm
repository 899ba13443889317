start: UNFREEZE_OFFER 0
       FINISH "done"
expect made offer 2
expect finish "done"
