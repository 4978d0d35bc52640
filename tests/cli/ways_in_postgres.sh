#!/usr/bin/env bash
# Every way in, on PostgreSQL, with two servers and a command beside each other.
exec "$(dirname "$0")/../with-postgres" python3 "$(dirname "$0")/../ways_in/ways_in_test.py" "$(realpath "$1")"
