#!/usr/bin/env bash
# Mail: invoices and receipts through a real mail server on this machine, which accepts, puts off,
# refuses, is not there, or takes the message while billow dies; and caught in a folder.
set -uo pipefail
here=$(dirname "$(realpath "$0")")
python=python3
"$python" -c 'import aiosmtpd' 2>/dev/null || python=/usr/bin/python3 # Debian's has Debian's modules
exec "$python" "$here/mail.py" "$(realpath "$1")"
