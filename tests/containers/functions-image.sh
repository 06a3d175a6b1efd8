# Sourced by containers.sh: Dockerfile, as far as its packages and its base can be had here.

functions_base=mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0
functions_image=email-ingestion:containers
wwwroot=/home/site/wwwroot
entry=/azure-functions-host/Microsoft.Azure.WebJobs.Script.WebHost

check_functions_image() {
  local name="The Functions image"
  base mcr.microsoft.com/dotnet/sdk:10.0 make_sdk && base $functions_base make_aspnet || { skip "$name" "$why"; return; }
  say "Building Dockerfile"
  local versions=(--build-arg VERSION=1.2.3 --build-arg REVISION=abc)
  # Seconds. It restores twice, the second time for the extensions of the host; a registry that is slow today must not hold up the rest.
  local build_limit=${FUNCTIONS_BUILD_LIMIT:-180} status=0
  build_image Dockerfile "$functions_image" "${versions[@]}" . >"$work/functions.txt" || status=$?
  if [ $status -eq 0 ]; then
    pass "$name is built from the sources$(is_stand_in mcr.microsoft.com/dotnet/sdk:10.0 && echo ", by the stand-in SDK, which lets packages be downgraded")"
    check_content
  elif [ $status -eq 124 ]; then
    last_stage "its packages were not there after $build_limit s" || return
  elif missing=$(grep -oE 'NU110[1-3]: Unable to find package [A-Za-z0-9.]+' "$work/build-email-ingestion.log" | head -1) && [ -n "$missing" ]; then
    last_stage "its packages are not served here: $missing" || return
  else
    cat "$work/functions.txt"
    fail "$name is built from the sources" "see above"
    return
  fi
  check_last_stage
}

# last_stage REASON: what can be checked without the packages.
last_stage() {
  skip "$name from the sources, and its content (.azurefunctions, extensions.json, worker.config.json, host.json)" "$1"
  build_limit=900
  if last_stage_alone "${versions[@]}"; then
    pass "$name's last stage is built, on a build stage that holds host.json alone"
  else
    fail "$name's last stage is built" "see above"
    return 1
  fi
}

# The second stage as it is in the Dockerfile; the first one replaced by what is in a folder.
last_stage_alone() {
  local folder=$work/stage
  mkdir -p "$folder$wwwroot"
  cp host.json "$folder$wwwroot/"
  { echo "FROM scratch AS build"; echo "COPY home /home"; awk '/^FROM / { stages++ } stages > 1' Dockerfile; } >"$folder/Dockerfile"
  build_image "$folder/Dockerfile" "$functions_image" "$@" "$folder"
}

check_content() {
  local needed
  for needed in host.json worker.config.json functions.metadata extensions.json .azurefunctions/function.deps.json; do
    if in_image test -r $wwwroot/$needed; then pass "… it has $needed"; else fail "… it has $needed"; fi
  done
  # What the worker's SDK found in the sources is what the host will load.
  expect "… and names every function of the sources" "$(grep -hoE '\[Function\(' Functions/*.cs | wc -l)" "$(in_image cat $wwwroot/functions.metadata | grep -o '"entryPoint"' | wc -l)"
}

check_last_stage() {
  expect "Functions: the user" 1654 "$(setting '{{.Config.User}}')"
  expect "… the process is the host itself" "[\"$entry\"] []" "$(setting '{{json .Config.Entrypoint}} {{json .Config.Cmd}}')"
  expect "… label version" 1.2.3 "$(setting '{{index .Config.Labels "org.opencontainers.image.version"}}')"
  expect "… label revision" abc "$(setting '{{index .Config.Labels "org.opencontainers.image.revision"}}')"
  expect "… label base" $functions_base "$(setting '{{index .Config.Labels "org.opencontainers.image.base.name"}}')"
  expect "… its ports" '{"8080/tcp":{},"9464/tcp":{}}' "$(setting '{{json .Config.ExposedPorts}}')"
  local variable
  for variable in AzureWebJobsScriptRoot=$wwwroot AzureFunctionsJobHost__Logging__Console__IsEnabled=true ASPNETCORE_URLS=http://+:8080 FUNCTIONS_WORKER_RUNTIME=dotnet-isolated HOME=/tmp; do
    expect "… ${variable%%=*}" "$variable" "$(setting '{{range .Config.Env}}{{println .}}{{end}}' | grep "^${variable%%=*}=")"
  done
  expect "… its user reads the app" "$(cat host.json)" "$(in_image cat $wwwroot/host.json)"
  if in_image touch $wwwroot/new; then fail "… and does not write it"; else pass "… and does not write it"; fi
  if is_stand_in $functions_base; then
    skip "… the host starts" "the stand-in base has no Functions host"
  elif in_image test -x $entry; then
    pass "… the base has the host where the image starts it"
  else
    fail "… the base has the host where the image starts it"
  fi
}

setting() { docker image inspect --format "$1" "$functions_image"; }

# in_image COMMAND…: by the image's own user.
in_image() { docker run --rm --label "$label" --network none --read-only --entrypoint "$1" "$functions_image" "${@:2}" 2>/dev/null; }
