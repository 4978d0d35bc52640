#!/usr/bin/env bash
# Payments through the sandbox gateway, over HTTP.
BILLOW=$1 exec node "$(dirname "$0")/../payment/payment.mjs"
