#!/usr/bin/env bash
# Installs what the tests need and runs every one of them. Arguments go to `dotnet test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/install.sh
need_dotnet
need_packages redis-server dovecot-imapd prometheus
# Where no test begins or ends for so long, one hangs: the run ends as failed, and names the tests that had not ended. (--timeout only asks
# them to end.)
exec dotnet test IngestionFunctions.sln --hangdump --hangdump-type None --hangdump-timeout 10m "$@"
