# Within until its hour is over; one that lies ahead begins to be within when it comes.
start: LOAD_CONST r0, 1781128799000
       IF_WITHIN_CONST r0, s1, no, 3600000
       LOAD_CONST r0, 1781138799999
       IF_WITHIN_CONST r0, s2, no, 3600000
no:    FINISH "done"
expect site 1 yes
expect site 2 no
expect changes 1781132399000
expect finish "done"
