given metric 2 unknown
start: LOAD_METRIC_TEXT_OR r0, m2, "nothing yet"
       STORE_TEXT j2, r0
       FINISH "done"
expect journey 2 = "nothing yet"
expect finish "done"
