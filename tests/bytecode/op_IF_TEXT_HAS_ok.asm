start:
       LOAD_PLAYER_TEXT r0, p4
       LOAD_TEXT r1, "Ann"
       LOAD_TEXT r2, "Anna"
       LOAD_CONST r3, 1
       IF_TEXT_HAS r0, s1, bad, "nn"
       IF_TEXT_HAS r0, s2, good, "nna"
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
