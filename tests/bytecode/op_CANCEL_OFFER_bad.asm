# There is one offer.
start: CANCEL_OFFER 1
       FINISH "done"
rejected "operand i (OFFER) is 1; there are 1"
