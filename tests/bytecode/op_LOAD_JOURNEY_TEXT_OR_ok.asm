start: LOAD_JOURNEY_TEXT_OR r0, j2, "nothing yet"
       DO 2, r0, no
no:    FINISH "done"
expect made effect 2
expect value 0 = "nothing yet"
expect finish "done"
