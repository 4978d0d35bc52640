#!/usr/bin/env bash
# Every word that is said has a translation, and every translation is said.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 tests/cli/words.py
