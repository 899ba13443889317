# The step is recorded.
start: STEP 0
       FINISH "done"
expect made step 0
expect finish "done"
