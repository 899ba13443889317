# With its reason.
start: FINISH "CONVERTED"
expect finish "CONVERTED"
