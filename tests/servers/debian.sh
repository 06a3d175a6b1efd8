# Sourced by servers.sh: Debian packages of any suite, unpacked into a separate folder and not installed.

# The mirror that this machine's apt is configured with, else the public one.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null \
    | awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }' | grep . \
    || echo http://deb.debian.org/debian/
}

# debian_root SUITE PACKAGE…: sets $root to a folder with the packages and their dependencies. It stays in $cache for the next run.
# Returns 1 and sets $why if they are not available.
debian_root() {
  local suite=$1 key log
  shift
  key=$suite-$1
  root=$cache/$key/root
  [ ! -e "$cache/$key/complete" ] || return 0
  why="apt-get and dpkg-deb, which fetch and unpack Debian's packages, are missing"
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  say "Fetching $* of Debian $suite"
  rm -rf --one-file-system "${cache:?}/$key"
  log=$cache/$key/apt.log
  mkdir -p "$cache/$key"/{lists/partial,archives/partial,etc} "$root"
  if ! fetch_packages "$cache/$key" "$suite" "$@" >"$log" 2>&1; then
    why="Debian $suite does not give $*: $(grep -E '^(E|W|Err)' "$log" | tail -1)"
    return 1
  fi
  unpack_packages "$cache/$key" >>"$log" 2>&1 || { why="the packages of $* cannot be unpacked: $(tail -1 "$log")"; return 1; }
  rm -rf --one-file-system "$cache/$key/archives" "$cache/$key/lists"
  touch "$cache/$key/complete"
}

# Runs apt with separate lists, state and archives, as if nothing were installed. So it names every needed package, libc6 among them.
fetch_packages() {
  local folder=$1 suite=$2 options
  shift 2
  # Debian 12's apt reads the keys of its own release only from their installed place.
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $suite main" >"$folder/etc/sources.list"
  : >"$folder/etc/status"
  options=(-o "Dir::State::status=$folder/etc/status" -o "Dir::State::lists=$folder/lists"
    -o "Dir::State::extended_states=$folder/etc/extended_states"
    -o "Dir::Etc::sourcelist=$folder/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts=/dev/null
    -o "Dir::Cache::archives=$folder/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root
    -o APT::Install-Recommends=false -o Acquire::Languages=none)
  apt-get "${options[@]}" update && apt-get "${options[@]}" --assume-yes --download-only install base-files base-passwd bash coreutils "$@"
}

unpack_packages() {
  local folder=$1 name package
  # Every package sees a merged /usr, whether its suite ships the links or creates them at the installation.
  for name in bin sbin lib lib64; do
    mkdir -p "$folder/root/usr/$name"
    ln -s "usr/$name" "$folder/root/$name"
  done
  for package in "$folder"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar --extract --keep-directory-symlink --directory "$folder/root" || return 1
    dpkg-deb --show --showformat '${Package} ${Version}\n' "$package" >>"$folder/versions"
  done
  # Debian 12 creates it at the installation.
  [ -e "$folder/root/usr/bin/sh" ] || ln -s bash "$folder/root/usr/bin/sh"
}

# version_of PACKAGE: prints the version of a package in $root.
version_of() { awk -v name="$1" '$1 == name { print $2 }' "${root%/root}/versions"; }

# loader_of ROOT: prints the dynamic loader of the packages, with which their programs run beside another libc.
loader_of() {
  local file
  for file in "$1"/lib64/ld-linux-x86-64.so.2 "$1"/lib/ld-linux-aarch64.so.1; do
    [ ! -e "$file" ] || { echo "$file"; return; }
  done
  return 1
}

# wrap FILE PROGRAM: writes a script that runs the program with the loader and the libraries of $root.
wrap() {
  local libraries
  libraries=$(find "$root/usr/lib" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
  printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' "$(loader_of "$root")" "$libraries" "$2" >"$1"
  chmod 755 "$1"
}
