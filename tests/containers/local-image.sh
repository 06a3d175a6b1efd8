# Sourced by containers.sh: Dockerfile.local, built and run end to end: poll, consume, killed in the middle, restarted, stopped.

local_image=email-ingestion-local:containers
archive=email-ingestion-containers-$$
first=200
# Work for 19 seconds, four at a time and a quarter of a second each: a stop by the engine may take long.
then=300

check_local_image() {
  local name="The Local image"
  base mcr.microsoft.com/dotnet/sdk:10.0 make_sdk && base mcr.microsoft.com/dotnet/aspnet:10.0 make_aspnet || {
    skip "$name" "$why"
    return
  }
  say "Building Dockerfile.local"
  if ! build_image Dockerfile.local "$local_image" --build-arg VERSION=1.2.3 --build-arg REVISION=abc .; then
    fail "$name is built" "see above"
    return
  fi
  pass "$name is built"
  check_precompiled "$local_image" /app
  (need_packages redis-server dovecot-imapd) || { skip "$name end to end" "its servers cannot be installed"; return; }
  start_dovecot || { fail "$name end to end" "Dovecot does not start"; return; }
  base "$redis_image" make_redis && start_redis || { fail "$name end to end" "Redis does not start in a container"; return; }
  docker volume create --label "$label" "$archive" >/dev/null
  check_polling && check_kill && check_drain && check_release && check_serving
  docker ps --all --quiet --filter "label=$label" --filter "ancestor=$local_image" | xargs --no-run-if-empty docker rm --force >/dev/null
  docker volume rm --force "$archive" >/dev/null
  stop_servers
}

# build_image FILE TAG ARGUMENT…
build_image() {
  local file=$1 tag=$2 variable forwarded=()
  shift 2
  # The build uses this machine's proxy too; the engine knows these names.
  for variable in http_proxy https_proxy no_proxy; do [ -n "${!variable:-}" ] && forwarded+=(--build-arg "$variable=${!variable}"); done
  built+=("$tag")
  # A stand-in has the name of its base image, but not the digest that the Dockerfile may pin.
  if [ ${#stand_ins[@]} -gt 0 ]; then
    sed -E 's/^(FROM [^ @]+)@sha256:[0-9a-f]+/\1/' "$file" >"$work/${file##*/}"
    file=$work/${file##*/}
  fi
  quietly "build-${tag%%:*}" timeout "${build_limit:-1800}" docker build --network host --file "$file" --tag "$tag" "${forwarded[@]}" "$@"
}

# check_precompiled IMAGE FOLDER: compiled code begins with a header of its own (RTR, zero, version), which other assemblies lack.
check_precompiled() {
  local container assembly
  container=$(docker create --label "$label" "$1")
  for assembly in EmailIngestion.Core StackExchange.Redis MimeKit; do
    if docker cp "$container:$2/$assembly.dll" - | tar --extract --to-stdout | LC_ALL=C grep -caP 'RTR\x00[\x01-\x7f]\x00' >/dev/null; then
      pass "… $assembly is precompiled"
    else
      fail "… $assembly is precompiled"
    fi
  done
  docker rm "$container" >/dev/null
}

# start NAME [--env VARIABLE]… COMMAND…: starts a container like a cluster, without rights that it does not need. It listens on 127.0.0.1,
# because it uses the machine's network.
start() {
  local name=$1 more=()
  shift
  while [ "$1" = --env ]; do more+=("$1" "$2"); shift 2; done
  docker run --detach --name "ingestion-$name-$$" --label "$label" --network host --read-only --tmpfs /tmp --cap-drop ALL \
    --security-opt no-new-privileges \
    --volume "$archive:/data" --env Local__Address=127.0.0.1 --env Streams__ConnectionString="127.0.0.1:$redis_port" \
    --env Mailboxes__0__Host=127.0.0.1 --env Mailboxes__0__Port="$imap_port" --env Mailboxes__0__Security=None \
    --env Mailboxes__0__StartFrom=all \
    --env Mailboxes__0__Username=$mail_user --env Mailboxes__0__Password=secret --env POLL_SCHEDULE='* * * * * *' \
    --env Consumer__Lease=00:00:05 --env Consumer__LeaseRenewal=00:00:01 --env Consumer__ReclaimInterval=00:00:01 \
    "${more[@]}" "$local_image" "$@" >/dev/null
}

of() { docker inspect --format "$2" "ingestion-$1-$$"; }

# Compares the contents of all archived emails with those of the mailbox.
archived_contents() { find "$(docker volume inspect --format '{{.Mountpoint}}' "$archive")" -name '*.eml' -exec sha256sum {} + \
  | cut -d' ' -f1 | sort; }
mailbox_contents() { find "$work/dovecot/mail/new" "$work/dovecot/mail/cur" -type f -exec sha256sum {} + | cut -d' ' -f1 | sort; }
archived() { archived_contents | wc -l; }

holds() { [ "$(entries)" = "$1" ]; }
has_archived() { [ "$(archived)" -ge "$1" ]; }
has_settled() { [ "$(archived)" -ge "$1" ] && [ "$(pending)" = 0 ]; }
is_in_work() { [ -n "$(owners)" ]; }

check_polling() {
  deliver 1 $first
  start poller poll && eventually 180 holds $first
  expect "Local polls: entries in the stream" $first "$(entries)" && [ "$(entries)" = $first ]
}

check_kill() {
  start consumer consume --concurrency 4 --slow 0.25
  expect "Local does not run as root" 1654 "$(docker exec "ingestion-consumer-$$" id -u)"
  if docker exec "ingestion-consumer-$$" touch /app/new 2>/dev/null; then
    fail "Local's root file system is read-only"
  else
    pass "Local's root file system is read-only"
  fi
  eventually 180 has_archived $((first / 4)) || {
    docker logs --tail 20 "ingestion-consumer-$$"
    fail "Local consumes" "$(archived) archived"
    return 1
  }
  docker kill "ingestion-consumer-$$" >/dev/null
  local cut
  cut=$(archived)
  expect "docker kill ends it at once" 137 "$(docker wait "ingestion-consumer-$$")"
  if [ "$cut" -lt $first ] && is_in_work; then
    pass "… in the middle: $cut of $first archived, $(pending) in work"
  else
    fail "… in the middle" "$cut archived, $(pending) pending"
  fi
  docker start "ingestion-consumer-$$" >/dev/null
  eventually 300 has_settled $first || docker logs --tail 20 "ingestion-consumer-$$"
  same_contents "Restarted, it loses nothing and archives nothing twice"
  expect "Only its user has access to the archive" "" \
    "$(find "$(docker volume inspect --format '{{.Mountpoint}}' "$archive")" -mindepth 1 -perm /077)"
}

same_contents() {
  if diff <(mailbox_contents) <(archived_contents) >"$work/contents.txt"; then
    pass "$1: $(archived) mails, $(archived) files"
  else
    fail "$1" "$(grep -c '^<' "$work/contents.txt") missing, $(grep -c '^>' "$work/contents.txt") too many"
  fi
}

check_drain() {
  deliver $((first + 1)) $((first + then))
  eventually 180 is_in_work || { fail "SIGTERM drains" "nothing is in work"; return 1; }
  local before=$SECONDS
  docker stop --time 30 "ingestion-consumer-$$" >/dev/null
  expect "docker stop: the exit code" 0 "$(of consumer '{{.State.ExitCode}}')"
  if [ $((SECONDS - before)) -lt 25 ]; then
    pass "… within the grace time: $((SECONDS - before)) s"
  else
    fail "… within the grace time" "$((SECONDS - before)) s"
  fi
  expect "… and no consumer owns a delivery" "" "$(owners)"
  # A quarter of a second is enough for started work. Deliveries that were not started wait for other consumers.
  expect "… pending deliveries have no owner and are not counted" "" "$(deliveries | grep -vx '(retry) 0')"
  if [ "$(archived)" -lt $((first + then)) ]; then
    pass "… with work left: $(archived) of $((first + then)) archived"
  else
    fail "… with work left" "all work was done before"
  fi
  docker stop --time 30 "ingestion-poller-$$" >/dev/null
  expect "docker stop of the poller: the exit code" 0 "$(of poller '{{.State.ExitCode}}')"
}

# Work that does not end in the grace time is released uncounted, so that others can reclaim it at once.
check_release() {
  local name="Work that does not end is released"
  start busy --env Consumer__Name=busy --env Consumer__ShutdownGrace=00:00:02 --env Processing__AttemptTimeout=00:10:00 consume \
    --concurrency 6 --slow 300
  eventually 180 has_six_in_work || { docker logs --tail 20 "ingestion-busy-$$"; fail "$name" "$(deliveries)"; return 1; }
  local before=$SECONDS
  docker stop --time 30 "ingestion-busy-$$" >/dev/null
  expect "docker stop with work that does not end: the exit code" 0 "$(of busy '{{.State.ExitCode}}')"
  if [ $((SECONDS - before)) -lt 25 ]; then
    pass "… within the grace time: $((SECONDS - before)) s"
  else
    fail "… within the grace time" "$((SECONDS - before)) s"
  fi
  if [ "$(pending)" -ge 6 ]; then pass "… with work left: $(pending) pending"; else fail "… with work left" "$(pending) pending"; fi
  expect "… all deliveries have no owner and are not counted" "" "$(deliveries | grep -vx '(retry) 0')"
}

has_six_in_work() { [ "$(deliveries | grep -c '^busy#')" -eq 6 ]; }

# Without arguments the image runs everything, with HTTP.
check_serving() {
  local port
  port=$(free_port)
  start all --port "$port"
  eventually 300 has_settled $((first + then)) || docker logs --tail 20 "ingestion-all-$$"
  same_contents "All in one finishes the rest, and the sum is right"
  expect "… it is live" 200 "$(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/api/health/live")"
  expect "… no dead letter" 0 "$(redis XLEN email_ingestion_dlq)"
  docker stop --time 30 "ingestion-all-$$" >/dev/null
  expect "… docker stop of it: the exit code" 0 "$(of all '{{.State.ExitCode}}')"
}
