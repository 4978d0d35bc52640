#!/usr/bin/env bash
# Every route of the API is in api/openapi.yaml, and nothing else is.
set -euo pipefail
cd "$(dirname "$0")/../.."
# Paths may be put together from macros of their file.
code=$(find src/api -name '*.c' ! -name '*_test.c' -exec perl -0777 -ne '
    my %words;
    sub text { join "", map { /^"(.*)"$/ ? $1 : $words{$_} } $_[0] =~ /"[^"]*"|[A-Z_]+/g }
    $words{$1} = text($2) while /^#define[ ]+([A-Z_]+)[ ]+((?:[A-Z_]+[ ]*)?"[^"\n]*")$/mg;
    print lc($1), " ", lc(text($2)), "\n" while /\{HTTP_([A-Z]+),\s*((?:"[^"]*"|[A-Z_]+)(?:\s+"[^"]*")?)\s*,/g;
    ' {} \; | grep / | sort -u)
doc=$(awk '/^paths:/ { on = 1; next } /^components:/ { on = 0 }
    on && /^  \// { path = $1; sub(/:$/, "", path) }
    on && /^    (get|put|post|patch|delete):/ { method = $1; sub(/:$/, "", method); print method, path }' api/openapi.yaml | sort -u)
if ! diff <(echo "$code") <(echo "$doc"); then
    echo "routes in the code (<) and in api/openapi.yaml (>) differ"
    echo "0 passed, 1 failed"
    exit 1
fi
echo "1 passed, 0 failed"
