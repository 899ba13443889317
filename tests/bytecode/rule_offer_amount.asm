offer name="other" action=0 amount_parameter=0
start: FINISH "x"
rejected "its amount is none of its action's parameters"
