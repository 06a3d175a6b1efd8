# Sourced by containers.sh: Dockerfile, as far as its packages and its base are available here.

functions_base=mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0
functions_image=email-ingestion:containers
wwwroot=/home/site/wwwroot
entry=/azure-functions-host/Microsoft.Azure.WebJobs.Script.WebHost
needed=(host.json worker.config.json functions.metadata extensions.json .azurefunctions/function.deps.json)

check_functions_image() {
  local name="The Functions image"
  base mcr.microsoft.com/dotnet/sdk:10.0 make_sdk && base $functions_base make_functions_base || { skip "$name" "$why"; return; }
  local versions=(--build-arg VERSION=1.2.3 --build-arg REVISION=abc)
  # In seconds. The build restores twice, the second time for the extensions of the host. A slow registry must not delay the other checks.
  local build_limit=${FUNCTIONS_BUILD_LIMIT:-180} status=0
  # The solution's build has built the app already. With stand-ins a second build runs only on request, because it takes minutes.
  if is_stand_in mcr.microsoft.com/dotnet/sdk:10.0 && [ "${FUNCTIONS_FROM_SOURCES:-no}" != yes ]; then
    last_stage "its base images are stand-ins here; FUNCTIONS_FROM_SOURCES=yes tries it all the same" || return
    check_last_stage
    check_guard
    return
  fi
  say "Building Dockerfile"
  build_image Dockerfile "$functions_image" "${versions[@]}" . >"$work/functions.txt" || status=$?
  if [ $status -eq 0 ]; then
    local sdk
    sdk=$(is_stand_in mcr.microsoft.com/dotnet/sdk:10.0 && echo ", by the stand-in SDK, which allows package downgrades" || true)
    pass "$name is built from the sources$sdk"
    check_content
    check_precompiled "$functions_image" "$wwwroot"
  elif [ $status -eq 124 ]; then
    last_stage "its packages were not there after $build_limit s" || return
  elif missing=$(grep -oE 'NU(110[1-3]: Unable to find package [A-Za-z0-9.]+|1301: .*)' "$work/build-email-ingestion.log" | head -1) \
    && [ -n "$missing" ]; then
    last_stage "its packages are not served here: $missing" || return
  else
    cat "$work/functions.txt"
    fail "$name is built from the sources" "see above"
    return
  fi
  check_last_stage
  check_guard
}

# last_stage REASON: checks what does not need the packages.
last_stage() {
  skip "$name from the sources, and its content (.azurefunctions, extensions.json, worker.config.json, host.json)" "$1"
  build_limit=1800
  if last_stage_alone "${versions[@]}"; then
    pass "$name's last stage is built, on a build stage with host.json only"
  else
    fail "$name's last stage is built" "see above"
    return 1
  fi
}

# Builds the second stage of the Dockerfile. A folder replaces the first stage.
last_stage_alone() {
  local folder=$work/stage
  mkdir -p "$folder$wwwroot"
  cp host.json "$folder$wwwroot/"
  { echo "FROM scratch AS build"; echo "COPY home /home"; awk '/^FROM / { stages++ } stages > 1' Dockerfile; } >"$folder/Dockerfile"
  build_image "$folder/Dockerfile" "$functions_image" "$@" "$folder"
}

check_content() {
  local file
  for file in "${needed[@]}"; do
    if in_image test -r "$wwwroot/$file"; then pass "… it has $file"; else fail "… it has $file"; fi
  done
  # Compares the functions that the host finds with those that the sources declare.
  expect "… its functions are those of the sources" "$(grep -ohE '\[Function\("\w+' Functions/*.cs | cut -d'"' -f2 | sort)" \
    "$(in_image cat $wwwroot/functions.metadata | sed -nE 's/^    "name": "(\w+)",?/\1/p' | sort)"
}

# The Dockerfile's own check of the published files: it accepts a complete app and refuses one that lacks a file.
check_guard() {
  local name="No image is made of an app that lacks a file" guard file
  guard=$(awk '/^RUN cd \/home\/site\/wwwroot/ { on = 1 } on { print } on && !/\\$/ { exit }' Dockerfile)
  [ -n "$guard" ] || { fail "$name" "the Dockerfile has no check"; return; }
  guarded "$guard" nothing || { fail "$name" "a complete app is refused"; tail -5 "$work/build-guard.log"; return; }
  for file in "${needed[@]}"; do
    if guarded "$guard" "$file" >/dev/null || ! grep -q "no $file\." "$work/build-guard.log"; then fail "$name" "$file"; return; fi
  done
  pass "$name (${needed[*]})"
}

# guarded GUARD FILE: builds an app that has all files but FILE.
guarded() {
  local folder=$work/guard file
  rm -rf "$folder" && mkdir -p "$folder$wwwroot/.azurefunctions"
  for file in "${needed[@]}"; do [ "$file" = "$2" ] || echo '{}' >"$folder$wwwroot/$file"; done
  { echo "FROM $functions_base"; echo "COPY home /home"; echo "$1"; } >"$folder/Dockerfile"
  build_image "$folder/Dockerfile" guard "$folder"
}

check_last_stage() {
  expect "Functions: the user" 1654 "$(setting '{{.Config.User}}')"
  expect "… the process is the host itself" "[\"$entry\"] []" "$(setting '{{json .Config.Entrypoint}} {{json .Config.Cmd}}')"
  expect "… label version" 1.2.3 "$(setting '{{index .Config.Labels "org.opencontainers.image.version"}}')"
  expect "… label revision" abc "$(setting '{{index .Config.Labels "org.opencontainers.image.revision"}}')"
  expect "… label base" $functions_base "$(setting '{{index .Config.Labels "org.opencontainers.image.base.name"}}')"
  expect "… its ports" '{"8080/tcp":{},"9464/tcp":{}}' "$(setting '{{json .Config.ExposedPorts}}')"
  local variable
  for variable in AzureWebJobsScriptRoot=$wwwroot AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    ASPNETCORE_URLS=http://+:8080 FUNCTIONS_WORKER_RUNTIME=dotnet-isolated HOME=/tmp; do
    expect "… ${variable%%=*}" "$variable" "$(setting '{{range .Config.Env}}{{println .}}{{end}}' | grep "^${variable%%=*}=")"
  done
  expect "… its user reads the app" "$(cat host.json)" "$(in_image cat $wwwroot/host.json)"
  if in_image touch $wwwroot/new; then fail "… and does not write it"; else pass "… and does not write it"; fi
  if is_stand_in $functions_base; then
    check_process
    skip "… the host starts" "the stand-in base has a program instead of the host"
  elif in_image test -x $entry; then
    pass "… the base has the host where the image starts it"
  else
    fail "… the base has the host where the image starts it"
  fi
}

# The program instead of the host prints that it is process 1, its user, and that the stop reached it.
check_process() {
  local container=ingestion-functions-$$
  docker run --detach --name "$container" --label "$label" --network none --read-only --tmpfs /tmp --cap-drop ALL \
    "$functions_image" >/dev/null
  eventually 60 has_said "$container" "Process" || fail "… its process starts" "$(docker logs "$container" 2>&1 | tail -3)"
  docker stop --time 20 "$container" >/dev/null
  expect "… the host is process 1 and a stop reaches it" "Process 1 of 1654 in $wwwroot; told to stop; 0" \
    "$(docker logs "$container" 2>&1 | tr '\n' ' ')$(docker inspect --format '{{.State.ExitCode}}' "$container")"
}

has_said() { docker logs "$1" 2>&1 | grep -q "$2"; }

setting() { docker image inspect --format "$1" "$functions_image"; }

# in_image COMMAND…: runs the command as the image's own user.
in_image() { docker run --rm --label "$label" --network none --read-only --entrypoint "$1" "$functions_image" "${@:2}" 2>/dev/null; }
