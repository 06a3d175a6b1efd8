#!/usr/bin/env bash
# Checks the images and the Redis fixture on a real Docker engine. Installs and starts an engine if none answers (Debian, as root). Uses the
# official base images if they can be pulled, else stand-ins that are built from this machine's own files.
#   tests/containers.sh [--no-build] [redis] [local] [functions]     --no-build: tests/Integration.Tests is built already; no name: all
# Ends with a line for each check, and "containers: N passed, N failed, N skipped". Stops and removes everything
# that it created (an engine that already ran keeps its build cache).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/install.sh
for part in report waiting engine bases servers redis-fixture local-image functions-image; do
  . "tests/containers/$part.sh"
done
build=yes
[ "${1:-}" = --no-build ] && build=no && shift
for chosen in "$@"; do
  [[ $chosen =~ ^(redis|local|functions)$ ]] || { echo "There is no part '$chosen': redis, local or functions." >&2; exit 2; }
done
wanted() { [ $# -lt 2 ] || [[ " ${*:2} " == *" $1 "* ]]; }

work=$(mktemp -d)
# Dovecot's users need access to this folder.
chmod 711 "$work"
finish() {
  local status=$?
  trap - EXIT INT TERM
  stop_servers
  stop_engine
  rm -rf --one-file-system "$work"
  summary containers || status=1
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

need_dotnet
if ! start_engine; then
  skip "everything that needs a Docker engine" "$why"
  exit 0
fi
wanted redis "$@" && check_redis_fixture
wanted local "$@" && check_local_image
wanted functions "$@" && check_functions_image
exit 0
