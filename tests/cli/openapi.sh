#!/usr/bin/env bash
# Every route of the API is in api/openapi.yaml, and nothing else is.
set -euo pipefail
cd "$(dirname "$0")/../.."
code=$(grep -rhoE --exclude='*_test.c' --exclude=api.h '\{HTTP_[A-Z]+, "[^"]+"' src/api |
    sed -E 's/\{HTTP_([A-Z]+), "([^"]+)"/\1 \2/' | tr 'A-Z' 'a-z' | sort -u)
doc=$(awk '/^paths:/ { on = 1; next } /^components:/ { on = 0 }
    on && /^  \// { path = $1; sub(/:$/, "", path) }
    on && /^    (get|put|post|patch|delete):/ { method = $1; sub(/:$/, "", method); print method, path }' api/openapi.yaml | sort -u)
if ! diff <(echo "$code") <(echo "$doc"); then
    echo "routes in the code (<) and in api/openapi.yaml (>) differ"
    echo "0 passed, 1 failed"
    exit 1
fi
echo "1 passed, 0 failed"
