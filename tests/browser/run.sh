#!/usr/bin/env bash
# run.sh BUILD_FOLDER: the browser tests, two files at a time; pictures of all pages go to
# build/screens/.
#
# The last line is "N passed, N failed", of all files together.
set -uo pipefail
cd "$(dirname "$0")/../.."
build=$1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# one PROGRAM FILE.mjs: begins `node FILE.mjs PROGRAM`, which counts itself, when less than two run
one() {
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do
        wait -n
    done
    timeout 900 node "$2" "$1" >"$logs/$(basename "$2").log" 2>&1 &
}

one "$build/billow" tests/browser/walk.mjs
for file in tests/browser/*_pages.mjs; do
    one "$build/billow" "$file"
done
one "$build/tests/kit/kit_server" tests/browser/kit.mjs
wait

passed=0
failed=0
for log in "$logs"/*.log; do
    echo "== $(basename "$log" .log)"
    cat "$log"
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    else
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
