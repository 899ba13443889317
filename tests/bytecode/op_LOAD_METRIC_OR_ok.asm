given metric 1 unknown 1781128800900
start: LOAD_METRIC_OR r0, m1, 250
       STORE j3, r0
       FINISH "done"
expect journey 3 = 250
expect changes 1781128800900
expect finish "done"
