#!/usr/bin/env bash
# kill -9 of the server or the gateway amid payments, on SQLite; on both engines where all is tested.
here=$(dirname "$0")
export BILLOW=$1
[ "${BILLOW_TEST_ALL:-false}" = true ] || exec node "$here/../kill/payment.mjs"
sqlite=$(node "$here/../kill/payment.mjs" --runs 500) || { echo "$sqlite"; exit 1; }
echo "$sqlite"
exec "$here/../with-postgres" node "$here/../kill/payment.mjs" --runs 500
