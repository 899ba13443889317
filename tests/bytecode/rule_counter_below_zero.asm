# A counter below 0 would count further than it says.
variable name="" kind=1 low=-5 high=10 counter=1
start: LOAD_CONST r0, -1
       STORE j8, r0
       FINISH "x"
rejected "a counter cannot be set below 0"
