#!/usr/bin/env bash
# kill -9 under ingest, billing and imports, on PostgreSQL.
BILLOW=$1 exec "$(dirname "$0")/../with-postgres" node "$(dirname "$0")/../kill/kill.mjs"
