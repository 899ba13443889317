# What is skipped does not run.
start: JUMP there
       FINISH "here"
there: FINISH "there"
expect finish "there"
