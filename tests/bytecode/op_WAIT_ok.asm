# The journey rests.
start: WAIT 0
expect wait 0
