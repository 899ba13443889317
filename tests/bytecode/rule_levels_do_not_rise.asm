# Each needs more than the one below.
points name="stars" currency=0 zone="UTC" line=5
levels name="Club" points=0 attribute=6 span=2 grain=5 down=1 down_grain=5 keep=500000 zone="UTC" level_first=0 level_count=2 line=7
level from=100 word=1 line=8
level from=100 word=2 line=9
start: FINISH "done"
rejected "its levels do not rise"
