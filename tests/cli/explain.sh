#!/usr/bin/env bash
# Every kind of fee is explained, and recomputed step by step, on both engines.
set -uo pipefail
billow=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
if [ "${2:-}" != inside ]; then
    exec tests/with-postgres tests/cli/explain.sh "$billow" inside
fi
createdb explain
BILLOW=$billow exec node tests/explain/explain_test.mjs "$BILLOW_TEST_POSTGRES/explain"
