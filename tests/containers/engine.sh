# Sourced by containers.sh: a Docker engine, the one that answers or an own one.

engine=
stand_ins=()
built=()
bridge=
# Everything that the checks start has this label.
label=email-ingestion.containers=$$

# Returns 1 and sets $why if there can be no engine.
start_engine() {
  [ "$(uname -s)" = Linux ] && [ "$(id -u)" -eq 0 ] || {
    why="root on Linux is needed to start one and to read its volumes"
    return 1
  }
  if docker info >/dev/null 2>&1; then
    say "Uses the running engine: $(docker version --format '{{.Server.Version}}')."
    return
  fi
  install_engine && start_own_engine
}

install_engine() {
  PATH=$PATH:/usr/sbin
  command -v dockerd >/dev/null && command -v docker >/dev/null && command -v ip >/dev/null && return
  local log=$work/install.log
  # In a subshell, because a failed installation exits.
  (need_engine_packages) >"$log" 2>&1 && return
  why="docker.io cannot be installed: $(tail -1 "$log")"
  return 1
}

# The kernel decides what an engine may do here, so each configuration is tried with a real container.
start_own_engine() {
  local storage network
  for network in bridge none; do
    for storage in "" vfs; do
      try_engine "$network" "$storage" && return
      stop_engine
    done
  done
  why="the engine does not run containers here: $(grep -E 'level=(error|fatal)|failed' "$work/dockerd.log" 2>/dev/null | tail -1)"
  return 1
}

try_engine() {
  local network=$1 storage=$2
  local arguments=(--data-root "$work/engine" --exec-root "$work/run" --pidfile "$work/docker.pid" --host "unix://$work/docker.sock"
    # Ports are published on this machine only, and its firewall and routing are not changed.
    --ip 127.0.0.1 --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false)
  [ "$network" = none ] || make_bridge || return 1
  arguments+=(--bridge "${bridge:-none}")
  [ -n "$storage" ] && arguments+=(--storage-driver "$storage")
  # Its own process group, so that only finish() stops it on Ctrl-C.
  setsid dockerd "${arguments[@]}" >"$work/dockerd.log" 2>&1 &
  engine=$!
  export DOCKER_HOST=unix://$work/docker.sock
  eventually 60 engine_answers || return 1
  kill -0 "$engine" 2>/dev/null || return 1
  make_probe && docker run --rm --label "$label" --network "$([ "$network" = none ] && echo host || echo bridge)" \
    "$probe" true >>"$work/dockerd.log" 2>&1 || return 1
  say "The own engine: $(docker version --format '{{.Server.Version}}'), $(docker info --format '{{.Driver}}'), network $network."
  network_of_engine=$network
}

# Not docker0, which another engine of this machine may use. The addresses are reserved for network benchmarks (RFC 2544).
make_bridge() {
  bridge=ingestion$(($$ % 1000000))
  ip link add name "$bridge" type bridge && ip address add "198.18.$((RANDOM % 250)).1/24" dev "$bridge" && ip link set "$bridge" up
} >>"$work/bridge.log" 2>&1

engine_answers() { ! kill -0 "$engine" 2>/dev/null || docker info >/dev/null 2>&1; }

stop_engine() {
  local ours
  ours=$(docker ps --all --quiet --filter "label=$label" 2>/dev/null)
  # shellcheck disable=SC2086
  [ -n "$ours" ] && docker rm --force --volumes $ours >/dev/null 2>&1
  if [ -n "$engine" ]; then
    kill "$engine" 2>/dev/null
    eventually 30 gone "$engine" || kill -KILL "$engine" 2>/dev/null
    wait "$engine" 2>/dev/null
  elif [ $((${#stand_ins[@]} + ${#built[@]})) -gt 0 ]; then
    docker rmi --force "${built[@]}" "${stand_ins[@]}" >/dev/null 2>&1
  fi
  # The files that a killed engine leaves.
  awk -v root="$work/" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r | xargs --no-run-if-empty umount --lazy 2>/dev/null
  [ -z "$bridge" ] || ip link delete "$bridge" >/dev/null 2>&1
  bridge=
  engine=
  stand_ins=()
  rm -rf --one-file-system "$work/engine" "$work/run"
}
