#!/usr/bin/env bash
# serve as a service: ready, reload, watchdog, and a stop under load that cuts no request and loses
# nothing that was acknowledged.
set -uo pipefail
here=$(dirname "$(realpath "$0")")
exec python3 "$here/serve_stop.py" "$(realpath "$1")"
