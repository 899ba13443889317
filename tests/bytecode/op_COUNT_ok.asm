# Twice, then the other way.
start: COUNT j0, s1, no, 2
       COUNT j0, s2, no, 2
       COUNT j0, s3, no, 2
       FINISH "a third time"
no:    FINISH "no more"
expect journey 0 = 2
expect site 1 yes
expect site 2 yes
expect site 3 no
expect finish "no more"
