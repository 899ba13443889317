# A filter says yes.
filter check
check: ACCEPT
start: JUMP end2
end2: FINISH "x"
expect accept
