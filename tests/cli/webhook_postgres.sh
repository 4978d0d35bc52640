#!/usr/bin/env bash
# The same on PostgreSQL.
BILLOW=$1 exec "$(dirname "$0")/../with-postgres" node "$(dirname "$0")/../webhook/webhook.mjs"
