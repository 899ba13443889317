start: FREEZE_OFFER 0
       FINISH "done"
expect made offer 1
expect finish "done"
