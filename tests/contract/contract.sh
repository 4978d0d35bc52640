#!/usr/bin/env bash
# contract.sh BILLOW [FOLDER] - the API keeps to api/openapi.yaml, and Lago's own client works.
#
# FOLDER holds what other tests have recorded (record.cjs); without it the bad input is recorded here.
set -uo pipefail
cd "$(dirname "$0")/../.."
here=tests/contract
BILLOW=$1
folder=${2:-}
passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# run COMMAND...: adds up its closing line.
run() {
    local line
    "$@" >"$scratch/log" 2>&1
    grep -vE '^[0-9]+ passed, [0-9]+ failed$' "$scratch/log"
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$scratch/log" | tail -n 1)
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    else
        failed=$((failed + 1))
        echo "FAILED $*"
    fi
}
# refused WHAT: the checker must find fault with $scratch/document.yaml.
refused() {
    if node $here/check.mjs "$scratch/walk" "$scratch/document.yaml" >"$scratch/log" 2>&1; then
        echo "FAILED the checker overlooks $1"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

export BILLOW NODE_OPTIONS="--require \"$PWD/$here/record.cjs\""
if [ -z "$folder" ]; then
    folder=$scratch/recorded
    mkdir "$folder"
    BILLOW_TEST_RECORD=$folder run node tests/bad_input/bad_input.mjs
fi
mkdir "$scratch/walk"
BILLOW_TEST_RECORD=$scratch/walk run node $here/walk.mjs
BILLOW_TEST_RECORD=$folder run node $here/lago_client.mjs
NODE_OPTIONS=
run node $here/check.mjs "$scratch/walk" # alone it touches every operation and field
cp "$scratch"/walk/* "$folder"
run node $here/check.mjs "$folder"
if node $here/lago_face.mjs | cmp -s - docs/lago-face.md; then
    passed=$((passed + 1))
else
    echo "FAILED docs/lago-face.md is not of this api/openapi.yaml: make lago-face"
    failed=$((failed + 1))
fi
# The checker itself: a field that is answered but not written, one written but never answered, a
# type that is another, a route that is not there.
sed '/^    Tax:/,/^    TaxInput:/s/^        code: .*$//' api/openapi.yaml >"$scratch/document.yaml"
refused "a field that the document does not list"
sed '/^    Tax:/,/^    TaxInput:/s/^        code: .*$/&\n        never: { type: string }/' api/openapi.yaml >"$scratch/document.yaml"
refused "a field that is never answered"
sed '/^    Tax:/,/^    TaxInput:/s/^        code: .*$/        code: { type: integer }/' api/openapi.yaml >"$scratch/document.yaml"
refused "a field of another type"
sed 's|^  /taxes/{code}:|  /taxes/{code}/more:|' api/openapi.yaml >"$scratch/document.yaml"
refused "a path that is not there"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
