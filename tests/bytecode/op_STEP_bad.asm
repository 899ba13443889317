# The campaign has one step.
start: STEP 1
       FINISH "done"
rejected "operand a (STEP) is 1; there are 1"
