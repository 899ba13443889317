# Where it is known it may be read; where the money is known so is its currency.
start: IF_KNOWN_PLAYER p2, s1, no
       LOAD_PLAYER r0, p2
       STORE j1, r0
       FINISH "known"
no:    FINISH "unknown"
expect journey 1 = 3
expect finish "known"
