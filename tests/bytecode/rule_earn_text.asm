# What is earned is counted.
points name="stars" currency=0 zone="UTC" earn_first=0 earn_count=1 line=5
earn num=1 den=10 event=0 code=@note line=6
start: FINISH "done"
rejected "code of two kinds, or of two metrics, meets here"
