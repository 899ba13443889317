start: LOAD_METRIC_TEXT_OR r0, m0, "none"
       FINISH "x"
rejected "slot 0 holds a number"
