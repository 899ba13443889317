# A key is a text.
key attribute=0
start: FINISH "x"
rejected "the attribute is no text"
