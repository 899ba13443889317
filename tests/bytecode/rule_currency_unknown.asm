currency code="XQX" decimals=2
start: FINISH "x"
rejected "its code is none of ISO 4217"
