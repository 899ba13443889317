# The effect would leave with the text that is remembered later.
start: LOAD_TEXT r1, "first"
       STORE_TEXT j2, r1
       LOAD_JOURNEY_TEXT r0, j2
       DO 2, r0, no
       LOAD_TEXT r1, "second"
       STORE_TEXT j2, r1
no:    FINISH "x"
rejected "an effect made before carries the text of variable 2"
