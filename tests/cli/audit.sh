#!/usr/bin/env bash
# The audit trail from outside: key file, anchors by the test clock, lists, an export checked by a program of its
# own, an auditor with nothing but the public key; on SQLite and PostgreSQL.
set -uo pipefail
billow=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
if [ "${2:-}" != inside ]; then
    exec "$here/../with-postgres" "$here/audit.sh" "$billow" inside
fi
folder=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    wait
    rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder"
source "$here/../check.bash"
export BILLOW_API_KEY=a-key-that-must-stay-secret
start() { # DATABASE
    coproc SERVE { exec "$billow" serve --database "$1" --test-clock --listen 127.0.0.1:0 2>serve.log; }
    server=$SERVE_PID
    : >started
    while read -r -t 20 line <&"${SERVE[0]}"; do
        echo "$line" >>started
        [[ $line =~ http://([0-9.:]+) ]] && url=http://${BASH_REMATCH[1]}/api/v1 && return
    done
    echo "the server did not start"
    cat serve.log
    exit 1
}
stop() {
    kill "$server"
    wait "$server" 2>/dev/null
    server=
}
call() { # METHOD PATH [BODY]
    curl -sS --max-time 20 -X "$1" "$url$2" -H "Authorization: Bearer $BILLOW_API_KEY" -H "Request-Id: req-$1-7" ${3:+-d "$3"}
}
fill() {
    call PUT /test_clock '{"test_clock":{"now":"2024-01-01T10:00:00Z","run_jobs":true}}'
    call POST /customers '{"customer":{"external_id":"acme","name":"Acme \"1\" Öl","currency":"EUR"}}'
    call PUT /test_clock '{"test_clock":{"now":"2024-01-02T10:00:00Z","run_jobs":true}}'
    call POST /customers '{"customer":{"external_id":"acme","net_payment_term":9}}'
    call PUT /test_clock '{"test_clock":{"now":"2024-01-03T10:00:00.000001Z","run_jobs":true}}'
} >filled.log 2>&1
try() { # NAME DATABASE KEYFILE
    local key
    start "$2"
    fill
    check "$1: key shown where" 0 "audit key in $3" cat started
    check "$1: key for its owner alone" 0 600 stat -c %a "$3"
    check "$1: list by customer" 0 '"action":"customer.update"' call GET '/audit_entries?external_customer_id=acme&per_page=1'
    check "$1: newest first" 0 '"total_count":2' call GET '/audit_entries?external_customer_id=acme&per_page=1'
    check "$1: by action" 0 '"total_count":3' call GET '/audit_entries?action=test_clock'
    check "$1: who and from where" 0 'req-POST-7 127.0.0.1' call GET '/audit_entries?action=customer.create'
    check "$1: bad filter" 0 '"object_id"' call GET '/audit_entries?object_id=x'
    check "$1: anchors" 0 '"total_count":3' call GET /audit/anchors
    key=$(call GET /audit/anchors | sed -E 's/.*"public_key":"([0-9a-f]{64})".*/\1/')
    stop
    check "$1: verify" 0 "3 anchors, 3 signed by $key" "$billow" verify --database "$2"
    check "$1: export" 0 "3 anchors" "$billow" export audit --database "$2" --output audit.jsonl
    check "$1: checked by others" 0 " 0 things wrong" "$here/../audit/check_audit.py" audit.jsonl "$key"
    check "$1: no secret in it" 1 "" grep -c "$BILLOW_API_KEY" audit.jsonl
    check "$1: as CSV" 0 "customer.create" "$billow" export audit --database "$2" --format csv --customer acme
    check "$1: a day of it" 0 "test_clock.set" "$billow" export audit --database "$2" --from 2024-01-02T00:00:00Z --to 2024-01-03T00:00:00Z
    sed 's/Acme/Acne/' audit.jsonl >changed.jsonl
    check "$1: others see a change" 1 "entry 1 was changed" "$here/../audit/check_audit.py" changed.jsonl "$key"
    mv "$3" elsewhere
    check "$1: an auditor without the key" 0 "signed, by whom is not known" "$billow" verify --database "$2"
    check "$1: with the public key" 0 "3 signed by $key" "$billow" verify --database "$2" --audit-key-public "$key"
    check "$1: with another" 1 "signed by another key, $key" "$billow" verify --database "$2" --audit-key-public "${key/[0-9]/a}"
    check "$1: with a bad one" 2 "wanted 64 hex digits" "$billow" verify --database "$2" --audit-key-public abc
    check "$1: a noted anchor that is gone" 1 "anchor 9, which was noted, is missing" "$billow" verify --database "$2" --audit-anchor "9:$key"
    start "$2"
    call PUT /test_clock '{"test_clock":{"now":"2024-01-04T10:00:00Z","run_jobs":true}}' >>filled.log
    stop
    check "$1: no other key where one was lost" 1 "" test -e "$3"
    check "$1: unsigned is told" 1 "anchor 4: it is unsigned" "$billow" verify --database "$2" --audit-key-public "$key"
    chmod 644 elsewhere
    check "$1: a key that others can read" 2 "chmod 600" env BILLOW_AUDIT_KEY_FILE=elsewhere "$billow" verify --database "$2"
    rm -f elsewhere
}
try SQLite sqlite:one.db one.db.audit-key
createdb audit
try PostgreSQL "$BILLOW_TEST_POSTGRES/audit" billow.audit-key
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
