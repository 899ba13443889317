# There is one badge.
badge name="explorer" note=none image=none line=5
effect kind=10 action="award" name="collector" object=1 channel=none gate=none counter=none line=6
start: AWARD 5
       FINISH "done"
rejected "field object points outside its section"
