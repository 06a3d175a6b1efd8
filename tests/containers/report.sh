# Sourced by containers.sh and servers.sh: the result of each check.

results=()
declare -A outcomes=([passed]=0 [failed]=0 [skipped]=0)

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }

note() {
  local outcome=$1 name=$2 reason=${3:-}
  outcomes[$outcome]=$((outcomes[$outcome] + 1))
  results+=("$(printf '%-8s %s%s' "$outcome" "$name" "${reason:+: $reason}")")
  say "${results[-1]}"
}
pass() { note passed "$@"; }
fail() { note failed "$@"; }
skip() { note skipped "$@"; }

# expect NAME WANTED FOUND
expect() {
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted '$2', found '$3'"; fi
}

# quietly NAME COMMAND…: shows the output only if the command fails. The output stays in $work/NAME.log.
quietly() {
  local log=$work/$1.log
  shift
  local status=0
  "$@" >"$log" 2>&1 || status=$?
  [ $status -eq 0 ] || tail -25 "$log"
  return $status
}

# summary NAME
summary() {
  echo
  printf '%s\n' "${results[@]}"
  echo "$1: ${outcomes[passed]} passed, ${outcomes[failed]} failed, ${outcomes[skipped]} skipped"
  [ "${outcomes[failed]}" -eq 0 ]
}
