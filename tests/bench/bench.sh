#!/usr/bin/env bash
# bench.sh FOLDER - what `make bench` prints: ratios from one run, on a build of type release.
#
# Each ratio is the median of pairs that follow each other at once, so that a busy machine slows
# both sides.  The last line is "N passed, N failed": floors that were reached and missed.
# docs/benchmarks.md says how to read it.  BENCH_PRESENT, BENCH_EVENTS, BENCH_ROUNDS make it shorter.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath "$1")
billow=$build/billow
tools=$build/tests/bench
present=${BENCH_PRESENT:-1000000} # events there before the first round
events=${BENCH_EVENTS:-60000}     # of a round
rounds=${BENCH_ROUNDS:-5}
subscriptions=1000
connections=16
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
export BILLOW_API_KEY=bench-key-$RANDOM$RANDOM$RANDOM BILLOW_LOG_LEVEL=warn BILLOW_RATE_LIMIT=0
export BILLOW_DATABASE=sqlite:$folder/bench.db
passed=0 failed=0

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# NAME VALUE FLOOR [most]: counts, and says what was wanted.
judge() {
    local good word='at least'
    [ "${4:-}" = most ] && word='at most'
    good=$(awk -v v="$2" -v f="$3" -v w="$word" 'BEGIN { print (w == "at most" ? v <= f : v >= f) }')
    printf '%-58s %8s  (wanted: %s %s)%s\n' "$1" "$2" "$word" "$3" "$([ "$good" = 1 ] || echo '  MISSED')"
    if [ "$good" = 1 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

start_server() { # sets $server and $port
    # shellcheck disable=SC2094
    "$billow" serve --listen 127.0.0.1:0 >"$folder/out" 2>"$folder/err" &
    server=$!
    for _ in $(seq 1000); do
        grep -q 'serving on' "$folder/out" && break
        kill -0 "$server" 2>/dev/null || { cat "$folder/err" >&2; exit 1; }
        sleep 0.02
    done
    port=$(sed -n 's,^serving on http://127.0.0.1:,,p' "$folder/out")
}

stop_server() {
    kill -TERM "$server"
    wait "$server" || true
    server=
}

server_cpu() { awk -v hz="$(getconf CLK_TCK)" '{ printf "%d", ($14 + $15) * 1000000 / hz }' "/proc/$server/stat"; }

commits() { # of the server's database
    python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT key_commits FROM instance").fetchone()[0])' "$folder/bench.db"
}

# METHOD PATH BODY, gathered for one curl
curl_next() {
    [ "$1" = /billable_metrics ] || echo next
    printf 'url = "http://127.0.0.1:%s/api/v1%s"\nheader = "Authorization: Bearer %s"\ndata = "%s"\noutput = "%s"\nfail\n' \
        "$port" "$1" "$BILLOW_API_KEY" "${2//\"/\\\"}" /dev/null
}

# ---- start-up and memory -------------------------------------------------------------------------
starts=$(for i in 1 2 3 4 5 6 7; do
    python3 - "$billow" "$folder/start$i.db" <<'PY'
import subprocess, sys, time
began = time.monotonic()
p = subprocess.Popen([sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--database", "sqlite:" + sys.argv[2]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
for line in p.stdout:
    if line.startswith(b"serving on"):
        print(time.monotonic() - began)
        break
p.terminate()
p.wait()
PY
done)
# The least of seven: other work on the machine only adds.
judge "start-up on an empty database, seconds" "$(sort -n <<<"$starts" | awk 'NR == 1 { printf "%.3f", $1 }')" 0.2 most
"$billow" demo --database "sqlite:$folder/demo.db" --no-serve >/dev/null 2>&1
BILLOW_DATABASE=sqlite:$folder/demo.db start_server
curl -s "http://127.0.0.1:$port/ready" >/dev/null
judge "resident memory of the server after the demo, MB" \
    "$(awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$server/status")" 60 most
stop_server

# ---- JSON ----------------------------------------------------------------------------------------
if [ -x "$tools/bench_json" ]; then
    judge "JSON reader: cJSON's time by ours" "$("$tools/bench_json" | awk '{ printf "%.2f", $1 / 1000 }')" 1.5
else
    echo "JSON reader: not measured, cJSON is not installed (libcjson-dev)"
    failed=$((failed + 1))
fi

# ---- pricing -------------------------------------------------------------------------------------
judge "pricing a charge of 5 tiers, microseconds" "$("$tools/bench_price" | awk '{ printf "%.3f", $1 / 1000 }')" 1 most

# ---- ingest --------------------------------------------------------------------------------------
start_server
{
    curl_next /billable_metrics '{"billable_metric":{"name":"CPU","code":"cpu_hours","aggregation_type":"sum_agg","field_name":"hours"}}'
    curl_next /plans '{"plan":{"name":"P","code":"p","interval":"monthly","amount_cents":0,"amount_currency":"EUR","charges":[{"billable_metric_code":"cpu_hours","charge_model":"standard","properties":{"amount":"0.01"}}]}}'
    for ((i = 0; i < subscriptions; i++)); do
        curl_next /customers "{\"customer\":{\"external_id\":\"c-$i\",\"name\":\"C $i\",\"currency\":\"EUR\"}}"
        curl_next /subscriptions "{\"subscription\":{\"external_customer_id\":\"c-$i\",\"external_id\":\"sub-$i\",\"plan_code\":\"p\",\"subscription_at\":\"2026-01-01T00:00:00Z\"}}"
    done
} >"$folder/curl"
curl -sS --fail -K "$folder/curl"
"$tools/bench_load" "$port" "$BILLOW_API_KEY" 1 "$present" $subscriptions $connections >"$folder/filled"
stop_server # the log goes back into the file, so that it can be copied
cp "$folder/bench.db" "$folder/bare.db"
start_server
per_commit=1000
ratios=() cpu_ratios=()
for ((round = 2; round < 2 + rounds; round++)); do
    before=$(commits)
    cpu_before=$(server_cpu)
    ours=$("$tools/bench_load" "$port" "$BILLOW_API_KEY" "$round" "$events" $subscriptions $connections)
    cpu=$(($(server_cpu) - cpu_before))
    made=$(($(commits) - before))
    per_commit=$((events / made))
    read -r bare bare_cpu < <("$tools/bench_bare" "$folder/bare.db" "$events" "$per_commit")
    cpu_ratios+=("$(awk -v o="$cpu" -v b="$bare_cpu" 'BEGIN { printf "%.3f", b / (o > 0 ? o : 1) }')")
    ratios+=("$(awk -v o="$ours" -v b="$bare" 'BEGIN { printf "%.3f", b / o }')")
    printf '  round %d: %d events in commits of %d: bare loop %d ms, over HTTP %d ms\n' $((round - 1)) \
        "$events" "$per_commit" $((bare / 1000)) $((ours / 1000))
done
judge "ingest over HTTP by the bare loop ($present events there)" "$(printf '%s\n' "${ratios[@]}" | median)" "${BENCH_INGEST_FLOOR:-0.4}"
printf '%-58s %8s  (no floor)\n' "the same by processor time" "$(printf '%s\n' "${cpu_ratios[@]}" | median)"
stop_server
"$tools/bench_metering" >"$folder/metering"
while IFS=$'\t' read -r name ms ratio; do
    judge "a million events, $name: seconds" "$(awk -v t="$ms" 'BEGIN { printf "%.3f", t / 1000 }')" 1 most
    printf '%-58s %8s  (no floor)\n' "the same by a sum's time" "$(awk -v r="$ratio" 'BEGIN { printf "%.2f", r / 1000 }')"
done <"$folder/metering"

# ---- current usage -------------------------------------------------------------------------------
BENCH_USAGE=$present tests/bench/usage.py "$billow" "$folder" >"$folder/usage"
while IFS=$'\t' read -r name figure; do
    if [ "$name" = fifty ]; then
        judge "current usage, 50 charges, $present events by none" "$figure" 3 most
    else
        printf '%-58s %8s  (no floor)\n' "current usage, $name: seconds for a million events" "$figure"
    fi
done <"$folder/usage"

# ---- PDFs ----------------------------------------------------------------------------------------
"$tools/bench_pdf" >"$folder/pdf"
while IFS=$'\t' read -r name _ ms kb; do
    printf '%-58s %8s  (%s KB; no floor)\n' "invoice PDF, $name: ms" "$ms" "$kb"
done <"$folder/pdf"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
