#!/usr/bin/env bash
# Tests the product on the servers that people use: the integration tests that use Redis and a short fault run of each mode on each Redis
# and Valkey, and polling from each mail server. Not part of the gate.
#   tests/servers.sh [--no-build] [--redis-server PATH]… [--only TEXT] [tests] [faults] [mail]
#     --no-build           the solution is built already
#     --redis-server PATH  another redis-server or valkey-server, with its redis-cli or valkey-cli beside it if it has one; may be repeated
#     --only TEXT          only servers whose name has the text, for example "Valkey" or "Debian sid"
#     tests faults mail    only these parts; no name: all
# It uses these servers if they are available: the installed redis-server; Redis and Valkey of newer Debian suites, from this machine's
# mirror, unpacked and not installed; Redis and Valkey of Docker images; Dovecot, Cyrus and Courier of Debian (as root on Linux).
# Packages stay in .data/servers. Ends with rows for docs/compatibility.md, a line for each check, and
# "servers: N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/install.sh
for part in containers/report containers/waiting servers/debian servers/redis servers/imap servers/mail; do
  . "tests/$part.sh"
done
build=yes
only=
given=()
parts=()
while [ $# -gt 0 ]; do
  case $1 in
    --no-build) build=no ;;
    --redis-server | --only)
      [ $# -gt 1 ] || { echo "$1 needs a value." >&2; exit 2; }
      if [ "$1" = --only ]; then only=$2; else given+=("$2"); fi
      shift
      ;;
    tests | faults | mail) parts+=("$1") ;;
    *) echo "There is no part '$1': tests, faults or mail." >&2; exit 2 ;;
  esac
  shift
done
for program in "${given[@]}"; do
  [ -x "$program" ] || { echo "--redis-server names '$program', which is not a program." >&2; exit 2; }
done
wanted() { [ ${#parts[@]} -eq 0 ] || [[ " ${parts[*]} " == *" $1 "* ]]; }
chosen() { [[ $1 == *"$only"* ]]; }

rows=()
cache=$PWD/.data/servers
mkdir -p "$cache"
work=$(mktemp -d)
finish() {
  local status=$?
  trap - EXIT INT TERM
  stop_mail_server
  rm -rf --one-file-system "$work"
  echo
  printf '%s\n' "${rows[@]}"
  summary servers || status=1
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

need_dotnet
tests=tests/Integration.Tests/bin/Debug/net10.0/EmailIngestion.Integration.Tests
faults=tests/Integration.Tests/bin/Debug/net10.0/EmailIngestion.Faults
if [ $build = yes ]; then
  quietly build dotnet build tests/Integration.Tests --nologo --verbosity quiet || {
    fail build "tests/Integration.Tests does not build"
    exit
  }
fi
if wanted tests || wanted faults; then check_redis_servers; fi
if wanted mail; then check_mail_servers; fi
exit 0
