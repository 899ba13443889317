# (now - imm, now]: now is within any reach, a millisecond later is within none.
start: LOAD_NOW r0
       STORE j6, r0
       IF_WITHIN_JOURNEY j6, s1, bad, 1
       ADD_CONST r0, r0, 1
       STORE j6, r0
       IF_WITHIN_JOURNEY j6, s2, good, 9223372036854775807
bad:   FINISH "wrong"
good:  FINISH "right"
expect journey 6 = 1781128800001
expect site 1 yes
expect site 2 no
expect finish "right"
