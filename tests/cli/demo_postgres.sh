#!/usr/bin/env bash
# The demo's books on PostgreSQL.
exec "$(dirname "$0")/../with-postgres" python3 "$(dirname "$0")/../demo/demo_test.py" "$1"
