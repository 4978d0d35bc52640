#!/usr/bin/env bash
# A full disk under SQLite, and a PostgreSQL that goes away and comes back, under a running server:
# clear errors, nothing acknowledged lost, nothing counted twice, and work goes on without a restart.
set -uo pipefail
billow=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
if [ "${2:-}" != inside ]; then
    exec "$here/../with-postgres" "$(realpath "$0")" "$billow" inside
fi
exec python3 "$here/outage.py" "$billow"
