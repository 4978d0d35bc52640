#!/usr/bin/env bash
# What English, Arabic and Japanese customers are sent as PDF, from the API to the picture.
set -uo pipefail
exec python3 "$(dirname "$(realpath "$0")")/pdf_customers.py" "$(realpath "$1")"
