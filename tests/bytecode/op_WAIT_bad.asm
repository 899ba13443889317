# State 2 says that j1 is known, and it is not.
start: WAIT 2
rejected "state 2 says that variable 1 is known, which it may not be"
