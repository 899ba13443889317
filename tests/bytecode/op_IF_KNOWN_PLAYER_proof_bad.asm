# The proof ends where the ways meet again.
start: IF_KNOWN_PLAYER p2, s1, no
       STEP 0
no:    LOAD_PLAYER r0, p2
       FINISH "x"
rejected "slot 2 may be unknown here"
