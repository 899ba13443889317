# What the register points at is written over.
start: LOAD_JOURNEY_TEXT_OR r0, j2, "none"
       CAPTURE j2, e7
       DO 2, r0, no
no:    FINISH "x"
rejected "register 0 holds nothing on some way here"
