# Sourced by servers.sh: tests polling from each mail server.

mail_servers=(
  "bookworm Cyrus start_cyrus cyrus-imapd sasl2-bin" "trixie Cyrus start_cyrus cyrus-imapd sasl2-bin"
  "bookworm Courier start_courier courier-imap" "trixie Courier start_courier courier-imap"
)
dovecot_suites=(trixie sid)
dovecot_classes=(Mailboxes.{AnyServer,Polling,Login,Folder,NewEpoch}Tests 'SignIn.*' 'FollowUps.*')

check_mail_servers() {
  local entry suite
  check_dovecot "$(PATH=$PATH:/usr/sbin command -v dovecot)" installed
  if [ "$(uname -s)" != Linux ] || [ "$(id -u)" -ne 0 ]; then
    skip "mail servers of Debian" "it takes root on Linux, to start them in a root folder of their own"
    return
  fi
  for suite in "${dovecot_suites[@]}"; do
    chosen "Dovecot (Debian $suite)" || continue
    debian_root "$suite" dovecot-imapd || { skip "Dovecot of Debian $suite" "$why"; continue; }
    make_users dovecot dovenull
    wrap_in_root "$work/dovecot-$suite" /usr/sbin/dovecot
    check_dovecot "$work/dovecot-$suite" "Debian $suite, dovecot-imapd $(version_of dovecot-imapd)"
  done
  for entry in "${mail_servers[@]}"; do
    # shellcheck disable=SC2086
    check_mail_server $entry
  done
}

check_dovecot() {
  local version class arguments=()
  [ -n "$1" ] && chosen "Dovecot ($2)" || return 0
  version=$("$1" --version | cut -d' ' -f1)
  for class in "${dovecot_classes[@]}"; do arguments+=(-class "*.$class"); done
  DOVECOT=$1 run_tests "Dovecot $version ($2)" "${dovecot_classes[*]}" "${arguments[@]}"
}

# check_mail_server SUITE NAME START PACKAGE…
check_mail_server() {
  local suite=$1 name=$2 start=$3
  shift 3
  chosen "$name (Debian $suite)" || return 0
  debian_root "$suite" "$@" || { skip "$name of Debian $suite" "$why"; return; }
  name="$name $(version_of "$1" | sed -E 's/^[0-9]+://; s/[-+].*//') (Debian $suite, $1 $(version_of "$1"))"
  if $start; then
    TEST_IMAP_PORT=$imap_port TEST_IMAP_USER=$imap_user TEST_IMAP_PASSWORD=$imap_password \
      run_tests "$name" AnyServerTests -class '*.Mailboxes.AnyServerTests'
  else
    fail "$name" "$why"
  fi
  stop_mail_server
}
