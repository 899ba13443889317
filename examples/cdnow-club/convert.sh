#!/bin/sh
# The same events as the loyalty programme over these customers: examples/cdnow/convert.sh says how they are made.
exec "$(dirname "$0")/../cdnow/convert.sh" "$@"
