start:
       LOAD_NOW r1
       DATE_OF r0, r1, player
       STORE j6, r0
       FINISH "done"
expect journey 6 = 20615
expect finish "done"
