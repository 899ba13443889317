# Whether the player has it already is the engine's matter.
badge name="explorer" note=none image=none line=5
effect kind=10 action="award" name="explorer" object=0 channel=none gate=none counter=none line=6
start: AWARD 5
       FINISH "done"
expect made effect 5
expect finish "done"
