# Two attributes in one slot could take a number for a text.
attribute name="more" kind=1 slot=10
start: FINISH "x"
rejected "section attribute, record 9: its slot 10 is taken"
