#!/usr/bin/env bash
# run.sh BUILD_FOLDER: the browser tests; pictures of all pages go to build/screens/.
#
# The last line is "N passed, N failed", of all files together.
set -uo pipefail
cd "$(dirname "$0")/../.."
build=$1
passed=0
failed=0

# one PROGRAM FILE.mjs: as `node FILE.mjs PROGRAM` counts itself
one() {
    local log line
    log=$(mktemp)
    timeout 900 node "$2" "$1" >"$log" 2>&1
    cat "$log"
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    rm -f "$log"
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    else
        failed=$((failed + 1))
    fi
}

one "$build/tests/kit/kit_server" tests/browser/kit.mjs
for file in tests/browser/*_pages.mjs; do
    [ -e "$file" ] && one "$build/billow" "$file"
done
one "$build/billow" tests/browser/walk.mjs
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
