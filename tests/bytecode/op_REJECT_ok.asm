# A filter says no.
filter check
check: IF_EQ_EVENT e4, s1, no, 2500
       REJECT
no:    ACCEPT
start: FINISH "x"
expect reject
expect site 1 yes
