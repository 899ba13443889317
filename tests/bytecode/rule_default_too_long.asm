attribute name="city" kind=10 size=3 slot=10 preset_text="Rome"
start: FINISH "x"
rejected "its default is longer than the attribute"
