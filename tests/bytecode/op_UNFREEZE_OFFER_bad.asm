# There is no such offer.
start: UNFREEZE_OFFER -1
       FINISH "done"
rejected "operand i (OFFER) is -1; there are 1"
