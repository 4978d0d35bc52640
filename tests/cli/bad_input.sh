#!/usr/bin/env bash
# Bad input to every write and list of the API, on both faces.
BILLOW=$1 exec node "$(dirname "$0")/../bad_input/bad_input.mjs"
