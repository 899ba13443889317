# A cost below zero would be money from nowhere.
start: LOAD_CONST r2, -1
       CREDIT 1, r2, 1
rejected "the cost of effect 1 can be below zero"
