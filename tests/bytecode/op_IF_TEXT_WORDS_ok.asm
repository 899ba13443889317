start:
       LOAD_TEXT r0, "Where is my BONUS?"
       IF_TEXT_WORDS r0, s1, bad, "bonus"
       IF_TEXT_WORDS r0, s2, good, "bon"
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect finish "right"
