# Sourced by containers.sh: runs the integration tests once with a Redis of Testcontainers.Redis.

redis_image=$(sed -nE 's/.*TEST_REDIS_IMAGE"\) \?\? "([^"]+)".*/\1/p' tests/Integration.Tests/Support/TestServers.cs)
fixture_class=EmailIngestion.Integration.Tests.Streams.OwnershipTests

check_redis_fixture() {
  local name="Redis of the integration tests by Testcontainers.Redis"
  [ -n "$redis_image" ] || { fail "$name" "TestServers.cs names no image"; return; }
  base "$redis_image" make_redis || { skip "$name" "$why"; return; }
  if [ "${network_of_engine:-bridge}" = none ]; then
    skip "$name" "this engine has no bridge and publishes no ports"
    return
  fi
  (need_packages redis-server dovecot-imapd) || { skip "$name" "the tests' servers cannot be installed"; return; }
  if [ $build = yes ]; then
    quietly build dotnet build tests/Integration.Tests --nologo --verbosity quiet || {
      fail "$name" "tests/Integration.Tests does not build"
      return
    }
  fi
  local tests=tests/Integration.Tests/bin/Debug/net10.0/EmailIngestion.Integration.Tests since
  local environment=(TESTCONTAINERS_RYUK_DISABLED=true "DOCKER_API_VERSION=$(api_version)")
  # The own engine publishes ports on 127.0.0.1 only, even if this machine is itself a container.
  [ -z "$engine" ] || environment+=(TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1)
  since=$(date +%s)
  say "$fixture_class on $redis_image"
  if ! quietly fixture env "${environment[@]}" "$tests" -noColor -class $fixture_class; then
    fail "$name" "$fixture_class fails"
    return
  fi
  # The events of the engine, not the output of the tests.
  local started
  started=$(docker events --since "$since" --until "$(date +%s)" --filter "image=$redis_image" \
    --filter event=start --format '{{.ID}}' | wc -l)
  expect "$name: containers that the engine started" 1 "$started"
  if grep -qE 'Total: [1-9][0-9]*, Errors: 0, Failed: 0, Skipped: 0,' "$work/fixture.log"; then
    pass "… and ${fixture_class##*.} on it"
  else
    fail "… and ${fixture_class##*.} on it" "$(grep 'Total: ' "$work/fixture.log")"
  fi
}

# Testcontainers requests 1.44 by default, which Debian's engine does not support.
api_version() {
  local version
  version=$(docker version --format '{{.Server.APIVersion}}')
  [ "$(printf '%s\n' "$version" 1.44 | sort -V | head -1)" = "$version" ] && echo "$version" || echo 1.44
}
