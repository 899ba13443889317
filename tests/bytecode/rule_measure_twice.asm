# What was counted is kept under the name.
measure within=1000 within_kind=1 name="login" campaign=0 is_goal=1 event=1 code=@note kind=1 of=none line=5
measure within=2000 within_kind=1 name="login" campaign=0 is_goal=1 event=1 code=@note kind=1 of=none line=6
start: FINISH "done"
rejected "another one of the campaign has its name"
