# A goal within no time at all could never be reached.
measure within=0 within_kind=1 name="login" campaign=0 is_goal=1 event=1 code=@note kind=1 of=none line=5
start: FINISH "done"
rejected "its window is no duration"
