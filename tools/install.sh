# Sourced by run.sh, test.sh and the benches: installs missing programs, or prints what to install.

need_dotnet() {
  if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
    echo "The .NET SDK 10 is missing: https://dotnet.microsoft.com/download/dotnet/10.0 has it for every system." >&2
    exit 1
  fi
}

# Checks for Dovecot with its IMAP part, or for the one that DOVECOT names.
has_dovecot() {
  [ -z "${DOVECOT:-}" ] || return 0
  local program
  program=$(PATH=$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/opt/homebrew/bin command -v dovecot) || return 1
  # On Debian and Ubuntu the IMAP part is a separate package. Elsewhere it comes with Dovecot, in other folders.
  [ "$program" != /usr/sbin/dovecot ] || ! command -v dpkg >/dev/null || [ -x /usr/lib/dovecot/imap ]
}

# Installs missing Debian packages by name; each is present if its program is.
need_packages() {
  local missing=() package
  for package in "$@"; do
    case $package in
      chromium-headless-shell) [ -n "${CHROMIUM:-}" ] || command -v chromium-headless-shell >/dev/null || missing+=("$package") ;;
      docker.io) PATH=$PATH:/usr/sbin command -v dockerd >/dev/null || missing+=("$package") ;;
      iproute2) PATH=$PATH:/usr/sbin command -v ip >/dev/null || missing+=("$package") ;;
      redis-server) [ -n "${REDIS_SERVER:-}" ] || PATH=$PATH:/usr/sbin command -v redis-server >/dev/null || missing+=("$package") ;;
      dovecot-imapd) has_dovecot || missing+=("$package") ;;
      isync) command -v mbsync >/dev/null || missing+=("$package") ;;
      nodejs) command -v node >/dev/null || missing+=("$package") ;;
      npm) command -v npm >/dev/null || missing+=("$package") ;;
      prometheus) command -v promtool >/dev/null || missing+=("$package") ;;
      *) echo "need_packages: $package is not known" >&2; exit 1 ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]}. This script installs them with apt-get, on Debian and Ubuntu only. On this system, install Redis 7.0 or" \
      "newer and Dovecot 2.3 or 2.4 with your package manager (macOS: brew install redis dovecot)." >&2
    exit 1
  fi
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Missing: ${missing[*]}. Install them as root: apt-get install ${missing[*]}" >&2; exit 1; }
    sudo=(sudo)
  fi
  echo "Installing ${missing[*]} …"
  install_quietly "${missing[@]}"
}

need_test_packages() { need_packages redis-server dovecot-imapd nodejs npm prometheus chromium-headless-shell; }
need_engine_packages() { need_packages docker.io iproute2; }

# The services of the packages stay off: the programs here start the servers themselves, on 127.0.0.1.
install_quietly() {
  local policy=/usr/sbin/policy-rc.d ours=no
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee $policy >/dev/null
    "${sudo[@]}" chmod 755 $policy
    ours=yes
  fi
  local log status=0
  log=$(mktemp)
  {
    "${sudo[@]}" apt-get update \
      && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
  } >"$log" 2>&1 || status=$?
  [ $ours = yes ] && "${sudo[@]}" rm -f $policy
  if [ $status -ne 0 ]; then
    tail -20 "$log" >&2
    echo "apt-get could not install $*: its last lines are above." >&2
    exit 1
  fi
  rm -f "$log"
  if command -v systemctl >/dev/null; then
    "${sudo[@]}" systemctl disable redis-server dovecot prometheus >/dev/null 2>&1 || true
    [[ " $* " != *" docker.io "* ]] || "${sudo[@]}" systemctl disable docker docker.socket >/dev/null 2>&1 || true
  fi
}
