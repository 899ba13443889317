# A set is no bit.
start:
       LOAD_CONST r0, 1
       STORE j4, r0
       STORE j5, r0
       IF_BITS_JOURNEY j5, s1, no, w0
no:    FINISH "x"
rejected "slot 5 can hold more than the set has bits"
