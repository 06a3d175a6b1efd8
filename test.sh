#!/usr/bin/env bash
# Installs what the tests need and runs every one of them. Arguments go to `dotnet test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/install.sh
need_dotnet
need_packages redis-server dovecot-imapd prometheus
exec dotnet test IngestionFunctions.sln "$@"
