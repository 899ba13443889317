# Effect 4 takes the tag away.
start: TAG 4
       FINISH "done"
rejected "effect 4 is of another kind"
