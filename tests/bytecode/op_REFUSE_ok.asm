# Reason 8: below the smallest.
start: REFUSE 1, 8
       FINISH "nothing"
expect made refused 1 8
expect finish "nothing"
