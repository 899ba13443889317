# What nothing leads to must still be instructions.
start: FINISH "x"
       LOAD_CONST r9, 1
rejected "operand a (OUT) is 9; there are 8"
