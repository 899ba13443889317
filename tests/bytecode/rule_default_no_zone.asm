attribute name="home" kind=13 slot=10
start: FINISH "x"
rejected "its default names no time zone"
