# A filter orders nothing: what freezes runs in a journey, which does not accept.
start: FREEZE_OFFER 0
       ACCEPT
rejected "a journey does not accept or reject"
