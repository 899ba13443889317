# Sums are of numbers.
measure name="words" campaign=0 event=0 code=@note kind=10 of=none line=5
start: FINISH "done"
rejected "what it sums up is no number"
