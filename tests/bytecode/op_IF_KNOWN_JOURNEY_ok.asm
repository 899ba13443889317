start:
       IF_KNOWN_JOURNEY j0, s1, bad
       IF_KNOWN_JOURNEY j1, s2, good
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
