start: WAIT 1
rejected "state 1 is of the other kind"
