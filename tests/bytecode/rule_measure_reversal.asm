# An event that takes nothing back is no reversal.
measure name="revenue" campaign=0 event=0 code=@note reversal=1 reversal_code=@note kind=1 of=none line=5
start: FINISH "done"
rejected "its reversal takes other events back"
