currency code="JPY" decimals=2
start: FINISH "x"
rejected "it has 0 decimals, not 2"
