event name="short" wire="short" slot_count=4 sets=0
start: FINISH "x"
rejected "what it sets is no yes or no"
