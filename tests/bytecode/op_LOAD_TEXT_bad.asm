# j2 holds 16 bytes.
start: LOAD_TEXT r0, "seventeen bytes!!"
       STORE_TEXT j2, r0
       FINISH "x"
rejected "register 0 can hold [0, 17], variable 2 only [0, 16]"
