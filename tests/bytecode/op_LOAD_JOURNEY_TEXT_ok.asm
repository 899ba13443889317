start: LOAD_TEXT r1, "kept"
       STORE_TEXT j2, r1
       LOAD_JOURNEY_TEXT r0, j2
       DO 2, r0, no
no:    FINISH "done"
expect made effect 2
expect value 0 = "kept"
expect finish "done"
