# A conversion that the bundle does not have.
start:
       LOAD_EVENT r1, e4
       LOAD_EVENT r2, e5
       CONVERT r0, r1, r2, 0/0
       FINISH "x"
rejected "is no conversion of the bundle"
