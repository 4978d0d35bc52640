#!/usr/bin/env bash
# Vendor cost files on PostgreSQL.
exec "$(dirname "$0")/../with-postgres" python3 "$(dirname "$0")/../focus/focus_test.py" "$1"
