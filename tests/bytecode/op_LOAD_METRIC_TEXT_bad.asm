# 8,192 bytes are the most that one run copies.
start: LOAD_METRIC_TEXT r0, m3
       LOAD_METRIC_TEXT r0, m3
       LOAD_METRIC_TEXT r0, m3
       FINISH "x"
rejected "can be longer than 8192 bytes together"
