#!/usr/bin/env bash
# Vendor cost files on SQLite.
exec python3 "$(dirname "$0")/../focus/focus_test.py" "$1"
