given event 8 unknown
start:
       IF_KNOWN_EVENT e7, s1, bad
       IF_KNOWN_EVENT e8, s2, good
bad:   FINISH "wrong"
good:  FINISH "right"
expect site 1 yes
expect site 2 no
expect site 3 none
expect finish "right"
