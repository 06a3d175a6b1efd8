# Sourced by containers.sh: the base images, official ones if they can be pulled, else built from the installed packages.

probe=email-ingestion-probe
can_pull=

# Lists the files of installed Debian packages and of their dependencies, without a leading slash.
files_of() {
  apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" \
    | sed -nE 's/^([a-z0-9][^: ]*).*/\1/p' | sort -u \
    | xargs dpkg-query --show --showformat '${db:Status-Abbrev}${binary:Package}\n' 2>/dev/null | sed -n 's/^ii *//p' \
    | xargs dpkg --listfiles | grep '^/' | grep -Ev '^/usr/share/(doc|man|locale|info|lintian)/' \
    | { [ -L /bin ] && sed -E 's#^/(bin|sbin|lib|lib64)(/|$)#/usr/\1\2#' || cat; } \
    | sort -u | while read -r path; do { [ -L "$path" ] || [ -f "$path" ]; } && echo "${path#/}"; done
  local link
  for link in bin sbin lib lib64; do [ -L "/$link" ] && echo "$link"; done
}

# The files of every image that belong to no package.
common() {
  local root=$work/common
  [ -d "$root" ] && return
  mkdir -p "$root"/{etc/ssl/certs,tmp,root,home/app,usr/bin}
  chmod 1777 "$root/tmp"
  chown 1654:1654 "$root/home/app"
  printf '%s\n' root:x:0:0:root:/root:/bin/sh app:x:1654:1654::/home/app:/bin/sh >"$root/etc/passwd"
  printf '%s\n' root:x:0: app:x:1654: >"$root/etc/group"
  [ -f /etc/ssl/certs/ca-certificates.crt ] && cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  [ -n "$dotnet_root" ] && ln -s "$dotnet_root/dotnet" "$root/usr/bin/dotnet"
}

# stand_in IMAGE LIST-OF-FILES [change…]
stand_in() {
  local image=$1 list=$2 changes=() change
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  common
  sort -u -o "$list" "$list"
  tar --create --directory / --files-from "$list" --directory "$work/common" . \
    | docker import "${changes[@]}" - "$image" >/dev/null || return 1
  stand_ins+=("$image")
}

make_probe() { files_of dash coreutils >"$work/probe.txt" && stand_in $probe "$work/probe.txt"; }

# base IMAGE MAKER: provides the image: the local one, pulled, or built by MAKER.
base() {
  local image=$1 maker=$2
  docker image inspect "$image" >/dev/null 2>&1 && return
  # One short request shows whether images can be pulled at all.
  [ -n "$can_pull" ] || { timeout 20 docker manifest inspect "$image" >/dev/null 2>&1 && can_pull=yes || can_pull=no; }
  if [ $can_pull = yes ] && quietly pull docker pull --quiet "$image"; then
    say "$image is the official one."
    return
  fi
  command -v dpkg-query >/dev/null || { why="$image cannot be pulled, and a stand-in is made of Debian's packages only"; return 1; }
  "$maker" "$image" || { why="no stand-in for $image could be made"; return 1; }
  say "$image cannot be pulled: a stand-in of this machine's own files has its name."
}

is_stand_in() { [[ " ${stand_ins[*]} " == *" $1 "* ]]; }

make_redis() {
  files_of redis-server dash coreutils >"$work/redis.txt"
  stand_in "$1" "$work/redis.txt" 'CMD ["redis-server", "--protected-mode", "no", "--bind", "0.0.0.0"]' 'EXPOSE 6379' 'WORKDIR /tmp'
}

dotnet_root=$(dotnet --info | sed -nE 's#^ *Base Path: *(.*)/sdk/.*#\1#p')
# The settings of the official images.
runtime_environment=('ENV DOTNET_RUNNING_IN_CONTAINER=true' 'ENV ASPNETCORE_HTTP_PORTS=8080' 'ENV APP_UID=1654')

make_aspnet() {
  { files_of dash coreutils libstdc++6 zlib1g libssl3 tzdata; runtime_files; } >"$work/aspnet.txt"
  stand_in "$1" "$work/aspnet.txt" "${runtime_environment[@]}"
}

runtime_files() {
  local part
  for part in dotnet host shared; do echo "${dotnet_root#/}/$part"; done
}

# The runtime, with a program instead of the host that prints its process ID and user and ends on SIGTERM.
make_functions_base() {
  make_aspnet "$1" || return 1
  mkdir -p "$work/host"
  cat >"$work/host/host" <<'HOST'
#!/bin/sh
trap 'echo "told to stop;"; exit 0' TERM
echo "Process $$ of $(id -u) in $AzureWebJobsScriptRoot;"
while :; do
  sleep 1 &
  wait $!
done
HOST
  chmod 755 "$work/host/host"
  printf 'FROM %s\nCOPY host %s\n' "$1" "$entry" >"$work/host/Dockerfile"
  quietly functions-base docker build --tag "$1" "$work/host"
}

# The SDK, with this machine's NuGet configuration. If its registry lacks a version of a transitive package, the next version is
# used, which may be newer than a pinned one. That is only a warning here, because otherwise the Functions app could not be built.
make_sdk() {
  { files_of dash coreutils findutils grep sed libstdc++6 zlib1g libssl3 tzdata; echo "${dotnet_root#/}"; } >"$work/sdk.txt"
  [ -f "$HOME/.nuget/NuGet/NuGet.Config" ] && echo "${HOME#/}/.nuget/NuGet/NuGet.Config" >>"$work/sdk.txt"
  # Package sources that are folders.
  dotnet nuget list source --format Short | sed -nE 's#^E /(.*)#\1#p' >>"$work/sdk.txt"
  stand_in "$1" "$work/sdk.txt" "${runtime_environment[@]}" "ENV HOME=$HOME" 'ENV DOTNET_NOLOGO=1' 'ENV DOTNET_CLI_TELEMETRY_OPTOUT=1' \
    'ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1' 'ENV WarningsNotAsErrors=NU1605' \
    'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt' "ENV NUGET_CERT_REVOCATION_MODE=${NUGET_CERT_REVOCATION_MODE:-online}"
}
