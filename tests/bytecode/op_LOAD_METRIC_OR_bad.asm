start: LOAD_METRIC_OR r0, m2, 250
       FINISH "x"
rejected "slot 2 holds a text"
