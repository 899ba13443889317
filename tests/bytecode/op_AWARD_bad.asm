# Effect 3 gives a tag.
badge name="explorer" note=none image=none line=5
start: AWARD 3
       FINISH "done"
rejected "effect 3 is of another kind"
