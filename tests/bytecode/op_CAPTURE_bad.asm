# j7 holds up to 50; the bonus may be 100.
start: CAPTURE j7, e8
       FINISH "x"
rejected "field 8 can hold more than variable 7 may"
