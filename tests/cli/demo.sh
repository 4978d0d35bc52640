#!/usr/bin/env bash
# The demo's books on SQLite.
exec python3 "$(dirname "$0")/../demo/demo_test.py" "$1"
