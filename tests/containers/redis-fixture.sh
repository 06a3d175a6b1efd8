# Sourced by containers.sh: the Redis of the integration tests comes from Testcontainers.Redis once.

redis_image=$(sed -nE 's/.*TEST_REDIS_IMAGE"\) \?\? "([^"]+)".*/\1/p' tests/Integration.Tests/Support/TestServers.cs)
fixture_class=EmailIngestion.Integration.Tests.Streams.OwnershipTests

check_redis_fixture() {
  local name="Redis of the integration tests by Testcontainers.Redis"
  [ -n "$redis_image" ] || { fail "$name" "TestServers.cs names no image"; return; }
  base "$redis_image" make_redis || { skip "$name" "$why"; return; }
  if [ "${network_of_engine:-bridge}" = none ]; then
    skip "$name" "this engine has no bridge, so it publishes no ports"
    return
  fi
  (need_packages redis-server dovecot-imapd) || { skip "$name" "the tests' servers cannot be installed"; return; }
  if [ $build = yes ]; then
    quietly build dotnet build tests/Integration.Tests --nologo --verbosity quiet || { fail "$name" "tests/Integration.Tests does not build"; return; }
  fi
  local tests=tests/Integration.Tests/bin/Debug/net10.0/EmailIngestion.Integration.Tests since
  local environment=(TESTCONTAINERS_RYUK_DISABLED=true "DOCKER_API_VERSION=$(api_version)")
  # Our own engine publishes on 127.0.0.1 alone, also where this machine is itself a container.
  [ -z "$engine" ] || environment+=(TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1)
  since=$(date +%s)
  say "$fixture_class on $redis_image"
  if ! quietly fixture env "${environment[@]}" "$tests" -noColor -class $fixture_class; then
    fail "$name" "$fixture_class fails"
    return
  fi
  # The engine's own account, not the tests'.
  local started
  started=$(docker events --since "$since" --until "$(date +%s)" --filter "image=$redis_image" --filter event=start --format '{{.ID}}' | wc -l)
  expect "$name: containers that the engine started" 1 "$started"
  if grep -qE 'Total: [1-9][0-9]*, Errors: 0, Failed: 0, Skipped: 0,' "$work/fixture.log"; then
    pass "… and ${fixture_class##*.} on it"
  else
    fail "… and ${fixture_class##*.} on it" "$(grep 'Total: ' "$work/fixture.log")"
  fi
}

# Testcontainers asks for 1.44 by itself, which Debian's engine is too old for.
api_version() {
  local version
  version=$(docker version --format '{{.Server.APIVersion}}')
  [ "$(printf '%s\n' "$version" 1.44 | sort -V | head -1)" = "$version" ] && echo "$version" || echo 1.44
}
