# The published hash puts the player 7 into arm A of "half" (spec/split-vectors.tsv tells how).
given player 1 = "7"
start: SPLIT r0, 0
       ARM r1, 0
       IF_EQ r0, s1, no, r1
       STORE j1, r0
       FINISH "the same"
no:    FINISH "not the same"
expect made exposure 0
expect finish "the same"
