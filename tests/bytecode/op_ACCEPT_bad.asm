# A journey is no filter.
start: ACCEPT
rejected "a journey does not accept or reject"
