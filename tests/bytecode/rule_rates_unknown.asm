effect kind=4 action="untag" name="vip" object=0 channel=none gate=none counter=none line=5 rates=1
start: FINISH "x"
rejected "it names a rate table that does not exist"
