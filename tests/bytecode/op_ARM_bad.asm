# There are 8 registers.
start: ARM r8, 0
       FINISH "x"
rejected "operand a (OUT) is 8; there are 8"
