#!/usr/bin/env bash
# Every way in, on SQLite.
exec python3 "$(dirname "$0")/../ways_in/ways_in_test.py" "$1"
