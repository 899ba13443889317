# Points for nothing would be without an end.
points name="stars" currency=0 zone="UTC" earn_first=0 earn_count=1 line=5
earn num=1 den=0 event=0 code=@note line=6
start: FINISH "done"
rejected "its rate is no share above zero"
