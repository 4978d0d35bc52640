#!/usr/bin/env bash
# doctor on sound and unsound installations, on both engines; /metrics by a parser of its format;
# the systemd unit.
set -uo pipefail
billow=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
if [ "${2:-}" != inside ]; then
    exec "$here/../with-postgres" "$(realpath "$0")" "$billow" inside
fi
exec python3 "$here/operate.py" "$billow"
