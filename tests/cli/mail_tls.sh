#!/usr/bin/env bash
# Mail by STARTTLS and smtps, with sign-in; and all that makes billow keep its mail and password.
set -uo pipefail
here=$(dirname "$(realpath "$0")")
python=python3
"$python" -c 'import aiosmtpd' 2>/dev/null || python=/usr/bin/python3 # Debian's has Debian's modules
exec "$python" "$here/mail_tls.py" "$(realpath "$1")"
