start:
       LOAD_PLAYER_TEXT r0, p4
       LOAD_TEXT r1, "Ann"
       LOAD_TEXT r2, "Anna"
       IF_TEXT_SAME r0, s1, bad, r1
       IF_TEXT_SAME r0, s2, good, r2
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
