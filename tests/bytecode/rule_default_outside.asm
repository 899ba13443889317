# 676 is no country.
attribute name="home" kind=12 slot=10 preset=676
start: FINISH "x"
rejected "its default lies outside its range"
