#!/bin/bash
# Fills an empty mailbox, then serves it.
set -euo pipefail
[ -d /mail/new ] || demo-mail 200
exec dovecot -F -c /etc/dovecot/demo.conf
