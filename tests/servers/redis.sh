# Sourced by servers.sh: runs the integration tests that use Redis and the fault runs on each Redis and Valkey.

# For Debian: suite and package. For Docker: images that are based on Debian, so that their programs run without the engine.
redis_packages=("trixie redis-server" "trixie valkey-server" "sid redis-server" "sid valkey-server")
redis_images=(redis:7.2 redis:7.4 redis:8 valkey/valkey:8 valkey/valkey:9)
redis_namespaces=(Streams Consuming Failover Pipeline)
fault_arguments=(--emails 600 --minutes 0.3 --workers 3 --seed 1)

check_redis_servers() {
  local program entry suite package
  if program=$(PATH=$PATH:/usr/sbin command -v redis-server); then
    check_redis "$program" "$(command -v redis-cli)" installed
  fi
  for program in "${given[@]}"; do
    check_redis "$(realpath "$program")" "$(cli_beside "$program")" given
  done
  for entry in "${redis_packages[@]}"; do
    read -r suite package <<<"$entry"
    chosen_package "$package" "Debian $suite" || continue
    debian_root "$suite" "$package" || { skip "$package of Debian $suite" "$why"; continue; }
    check_redis_of_root "Debian $suite, $package $(version_of "$package")" "$suite-$package"
  done
  for entry in "${redis_images[@]}"; do
    chosen_package "$entry" "Docker" || continue
    image_root "$entry" || { skip "$entry" "$why"; continue; }
    check_redis_of_root "Docker image $entry" "$(basename "${entry/:/-}")"
  done
}

# Before the download only the name of the package is known.
chosen_package() {
  local product=Redis
  [[ $1 != *valkey* ]] || product=Valkey
  chosen "$product ($2)" || [[ "$product " == "$only"* ]] || [[ $only == "$product "* ]]
}

cli_beside() {
  local name
  for name in redis-cli valkey-cli; do
    [ ! -x "$(dirname "$1")/$name" ] || { realpath "$(dirname "$1")/$name"; return; }
  done
  command -v redis-cli
}

# The programs of $root run with its own loader.
check_redis_of_root() {
  local name server cli folder=$cache/programs/$2
  mkdir -p "$folder"
  for name in redis valkey; do
    server=$(find "$root/usr" -name "$name-server" \( -type f -o -type l \) -path '*/bin/*' | head -1)
    cli=${server%-server}-cli
    [ -n "$server" ] && break
  done
  [ -n "$server" ] || { fail "$1" "there is no redis-server and no valkey-server in it"; return; }
  wrap "$folder/server" "$server"
  wrap "$folder/cli" "$cli"
  check_redis "$folder/server" "$folder/cli" "$1"
}

# check_redis SERVER CLI ORIGIN
check_redis() {
  local name
  # "Redis server v=7.0.15 …", "Valkey server v=9.1.2 …"
  name=$("$1" --version | sed -nE 's/^(Redis|Valkey) server v=([^ ]+).*/\1 \2/p')
  [ -n "$name" ] || { fail "$1" "it reports no version"; return; }
  chosen "$name ($3)" || return 0
  export REDIS_SERVER=$1 REDIS_CLI=$2
  if wanted tests; then run_redis_tests "$name" "$3"; fi
  if wanted faults; then run_faults "$name" "$3"; fi
  unset REDIS_SERVER REDIS_CLI
}

run_redis_tests() {
  local namespace
  for namespace in "${redis_namespaces[@]}"; do
    run_tests "$1 ($2)" "$namespace" -namespace "EmailIngestion.Integration.Tests.$namespace"
  done
}

# run_tests SERVER WHAT ARGUMENT…: runs the tests that the arguments choose.
run_tests() {
  local server=$1 what=$2 log=$work/tests.log total failed
  shift 2
  timeout --kill-after 30 1200 "$tests" -noColor "$@" >"$log" 2>&1
  read -r total failed <<<"$(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+),.*/\1 \2 \3/p' "$log" \
    | awk '{ print $1, $2 + $3 }')"
  if [ "${total:-0}" -gt 0 ] && [ "$failed" -eq 0 ]; then
    pass "$server: $what: $total tests"
  else
    grep -E '\[FAIL\]|Error Message|Assert\.' "$log" | head -40
    cp "$log" "$cache/$(tr -c 'A-Za-z0-9.\n' '-' <<<"$server-$what").log"
    fail "$server: $what" "${failed:-all} of ${total:-0} tests failed; the output is in $cache"
  fi
  rows+=("| $server | $what | $((${total:-0} - ${failed:-0})) of ${total:-0} tests passed | $(date +%F) |")
}

run_faults() {
  local mode log status
  for mode in standalone sentinel cluster; do
    log=$work/faults.log
    timeout --kill-after 30 900 "$faults" "${fault_arguments[@]}" --redis $mode >"$log" 2>&1
    status=$?
    if [ $status -eq 0 ]; then
      pass "$1 ($2): faults, $mode"
    else
      tail -40 "$log"
      cp "$log" "$cache/faults-$(tr -c 'A-Za-z0-9.\n' '-' <<<"$1")-$mode.log"
      fail "$1 ($2): faults, $mode" "it ended with $status"
    fi
    rows+=("| $1 ($2) | faults ${fault_arguments[*]} --redis $mode | ended with $status | $(date +%F) |")
  done
}

# image_root IMAGE: sets $root to the files of the image. Returns 1 and sets $why if the image is not available.
image_root() {
  local key=image-${1//[\/:]/-} container
  root=$cache/$key/root
  [ ! -e "$cache/$key/complete" ] || return 0
  docker info >/dev/null 2>&1 || { why="no Docker engine answers"; return 1; }
  docker pull --quiet "$1" >"$work/pull.log" 2>&1 || { why="the image cannot be pulled: $(tail -1 "$work/pull.log")"; return 1; }
  rm -rf --one-file-system "${cache:?}/$key"
  mkdir -p "$root"
  container=$(docker create "$1") || { why="the image cannot be read"; return 1; }
  docker export "$container" | tar --extract --directory "$root" --no-same-owner usr lib lib64 2>/dev/null
  docker rm "$container" >/dev/null
  loader_of "$root" >/dev/null || { why="the image brings no glibc"; return 1; }
  touch "$cache/$key/complete"
}
