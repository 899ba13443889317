# Nothing lies behind the last instruction.
start: JUMP +0
rejected "skips beyond the end"
