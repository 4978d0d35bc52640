#!/usr/bin/env bash
# Signing in, sessions, forms and headers of the pages, over HTTP.
set -uo pipefail
exec python3 "$(dirname "$(realpath "$0")")/sessions.py" "$(realpath "$1")"
