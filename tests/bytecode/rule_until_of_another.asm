# Field 0 is one of the deposit.
event name="short" wire="short" slot_count=4 until=0
start: FINISH "x"
rejected "field until names a field of another event"
