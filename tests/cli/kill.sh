#!/usr/bin/env bash
# kill -9 under ingest, billing and imports, on SQLite.
BILLOW=$1 exec node "$(dirname "$0")/../kill/kill.mjs"
