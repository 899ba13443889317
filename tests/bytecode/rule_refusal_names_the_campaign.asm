# Who reads a refusal learns whose campaign it is, and which instruction.
start: LOAD_EVENT r0, e8
       FINISH "x"
rejected "campaign `"
