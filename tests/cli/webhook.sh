#!/usr/bin/env bash
# Webhooks to endpoints, over HTTP.
BILLOW=$1 exec node "$(dirname "$0")/../webhook/webhook.mjs"
