#!/usr/bin/env bash
# The customer's portal over HTTP: whose data it shows, CSV, forms, where forms may lead.
set -uo pipefail
exec python3 "$(dirname "$(realpath "$0")")/portal.py" "$(realpath "$1")"
