start: CANCEL_OFFER 0
       FINISH "done"
expect made offer 0
expect finish "done"
