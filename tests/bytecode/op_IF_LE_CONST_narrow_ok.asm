# After the comparison the register is known to fit.
start: LOAD_EVENT r0, e4
       IF_LE_CONST r0, s1, more, 1000
       STORE j1, r0
       FINISH "small"
more:  IF_GT_CONST r0, s2, never, 5
       FINISH "large"
never: FINISH "never"
expect finish "large"
