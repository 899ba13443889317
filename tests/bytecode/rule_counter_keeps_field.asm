start: CAPTURE j0, e8
       FINISH "x"
rejected "a counter cannot keep a field"
