# Sourced by containers.sh and servers.sh: ports and processes, and waiting for them.

# eventually SECONDS COMMAND…: repeats the command until it succeeds. Prints nothing; the exit status is the result.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

gone() { ! kill -0 "$1" 2>/dev/null; }
