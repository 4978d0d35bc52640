#!/usr/bin/env bash
# A backup of the demo while another process reads it, restored into an SQLite file and, through
# tests/with-postgres, into PostgreSQL and back: the same rows, the same books.
set -uo pipefail
billow=$(realpath "$1")
tests=$(realpath "$(dirname "$0")/..")
if [ "${2:-}" != inside ]; then
    exec "$(dirname "$0")/../with-postgres" "$(realpath "$0")" "$billow" inside
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
source "$tests/check.bash"
original=sqlite:$folder/demo.db
server=$BILLOW_TEST_POSTGRES/restored
createdb restored
check "the demo" 0 "ledger balance" "$billow" demo --database "$original" --no-serve
check "backup" 0 "read back and compared" "$billow" backup first.db --database "$original"
check "never over a file" 2 "first.db exists" "$billow" backup first.db --database "$original"
check "backup of nothing" 2 "there is no such database" "$billow" backup no.db --database sqlite:none.db
check "restore" 0 "restored" "$billow" restore first.db --database sqlite:second.db
check "not over rows" 2 "not empty" "$billow" restore first.db --database sqlite:second.db
check "restore of nothing" 2 "none.db" "$billow" restore none.db --database sqlite:third.db
check "its books" 0 "nothing is wrong" "$billow" verify --database sqlite:second.db
check "to PostgreSQL" 0 "restored" "$billow" restore first.db --database "$server"
check "its books there" 0 "nothing is wrong" "$billow" verify --database "$server"
check "and back" 0 "read back and compared" "$billow" backup back.db --database "$server"
"$billow" export ledger --database "$original" >want.journal 2>/dev/null
"$billow" export ledger --database sqlite:back.db >got.journal 2>/dev/null
check "the same journal" 0 "" cmp want.journal got.journal
check "no leftovers" 1 "" test -e first.db.partial
# A damaged original: the copy is made, and what is wrong with it is said.
python3 -c 'import sqlite3; d = sqlite3.connect("second.db"); d.execute("UPDATE payment SET amount_minor = amount_minor + 1 WHERE id = (SELECT min(id) FROM payment)"); d.commit()'
check "damaged books are told" 1 "its books are wrong" "$billow" backup damaged.db --database sqlite:second.db
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
