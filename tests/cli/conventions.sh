#!/usr/bin/env bash
# What is the same for every route, from outside: cursors and filters of lists on both engines, keys
# from the command line, and the guide's own examples.
set -uo pipefail
billow=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
if [ "${2:-}" != inside ]; then
    exec "$here/../with-postgres" "$(realpath "$0")" "$billow" inside
fi
exec python3 "$here/conventions.py" "$billow"
