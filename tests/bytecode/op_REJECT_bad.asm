# A journey is no filter.
start: REJECT
rejected "a journey does not accept or reject"
