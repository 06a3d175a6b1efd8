# Sourced by servers.sh: mail servers of Debian's packages, each in its own root folder, on 127.0.0.1.

imap_user=reader
imap_password=secret-of-the-matrix
mail_server=

# wrap_in_root FILE PROGRAM: writes a script that runs the program in $root, with this machine's devices, processes and /tmp. The mounts
# end with the program.
wrap_in_root() {
  cat >"$1" <<END
#!/bin/sh
exec unshare --mount --propagation private sh -c '
  root=\$1; shift
  mount --bind /tmp "\$root/tmp" && mount --rbind /dev "\$root/dev" && mount --rbind /proc "\$root/proc" && exec chroot "\$root" "\$@"
' sh "$root" $2 "\$@"
END
  chmod 755 "$1"
}

# in_root COMMAND…: runs the command in $root with the C locale, which always exists.
in_root() {
  wrap_in_root "$work/in-root" ""
  LC_ALL=C "$work/in-root" "$@"
}

# Adds the users that the packages would create at their installation, and the user whose mail is read. All IDs are above those of a system.
make_users() {
  local name id=50000
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  for name in "$@" "$imap_user"; do
    id=$((id + 1))
    echo "$name:x:$id:$id::/home/$name:/bin/sh" >>"$root/etc/passwd"
    echo "$name:x:$id:" >>"$root/etc/group"
  done
  [ -e "$root/etc/nsswitch.conf" ] || printf 'passwd: files\ngroup: files\nhosts: files\nservices: files\n' >"$root/etc/nsswitch.conf"
  cp /etc/services "$root/etc/services" 2>/dev/null
  mkdir -p "$root/home/$imap_user"
  in_root chown "$imap_user:" "/home/$imap_user"
}

# as_packaged FILE…: reverts the changes of an earlier run.
as_packaged() {
  local file
  for file in "$@"; do
    [ -e "$file.packaged" ] || cp "$file" "$file.packaged"
    cp "$file.packaged" "$file"
  done
}

# start_mail_server COMMAND…: starts the server in $root, in its own session, and waits until it listens on $imap_port.
start_mail_server() {
  wrap_in_root "$work/in-root" ""
  LC_ALL=C setsid "$work/in-root" "$@" >"$work/mail-server.log" 2>&1 &
  mail_server=$!
  eventually 30 listens "$imap_port" || { why="it does not listen: $(tail -1 "$work/mail-server.log")"; return 1; }
}

stop_mail_server() {
  [ -n "$mail_server" ] || return 0
  kill -TERM -- "-$mail_server" 2>/dev/null
  eventually 5 gone "$mail_server" || kill -KILL -- "-$mail_server" 2>/dev/null
  wait "$mail_server" 2>/dev/null
  mail_server=
}

# Cyrus as Debian configures it, with another port and its own password file. The first login creates the INBOX.
start_cyrus() {
  make_users cyrus mail
  imap_port=$(free_port)
  as_packaged "$root/etc/imapd.conf"
  sed -i -E 's/^sasl_pwcheck_method:.*/sasl_pwcheck_method: auxprop\nsasl_auxprop_plugin: sasldb/' "$root/etc/imapd.conf"
  cat >"$root/etc/cyrus.conf" <<END
START {
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
}
SERVICES {
  imap cmd="imapd -U 30" listen="127.0.0.1:$imap_port" prefork=0 maxchild=100
}
EVENTS {
}
END
  rm -rf "$root/var/lib/cyrus" "$root/var/spool/cyrus" "$root/run/cyrus" "$root/etc/sasldb2"
  # shellcheck disable=SC2016
  in_root sh -c '
    mkdir -p /var/lib/cyrus /var/spool/cyrus/mail /var/spool/cyrus/news /run/cyrus/proc /run/cyrus/lock /run/cyrus/socket /var/spool/sieve
    printf "%s" "$2" | saslpasswd2 -p -c -u "$3" "$1" && chown cyrus:mail /etc/sasldb2 && chmod 640 /etc/sasldb2
    chown -R cyrus:mail /var/lib/cyrus /var/spool/cyrus /run/cyrus /var/spool/sieve
  ' sh "$imap_user" "$imap_password" "$(uname -n)" || { why="the password cannot be set"; return 1; }
  start_mail_server /usr/sbin/cyrmaster -D -C /etc/imapd.conf -M /etc/cyrus.conf
}

# Courier as Debian configures it, with another address and port and its own password file.
start_courier() {
  make_users courier
  imap_port=$(free_port)
  as_packaged "$root/etc/courier/authdaemonrc" "$root/etc/courier/imapd"
  sed -i -E 's/^authmodulelist=.*/authmodulelist="authuserdb"/' "$root/etc/courier/authdaemonrc"
  sed -i -E "s/^ADDRESS=.*/ADDRESS=127.0.0.1/; s/^PORT=.*/PORT=$imap_port/" "$root/etc/courier/imapd"
  rm -rf "$root/run/courier" "$root/etc/courier/userdb"* "$root/home/$imap_user/Maildir"
  # shellcheck disable=SC2016
  in_root sh -c '
    mkdir -p /run/courier/authdaemon && chown -R courier:courier /run/courier && chmod 750 /run/courier/authdaemon
    user=$(id -u "$1")
    mkdir -p /home/$1/Maildir/new /home/$1/Maildir/cur /home/$1/Maildir/tmp && chown -R "$1:" "/home/$1"
    password=$(printf "%s\n" "$2" | userdbpw -md5)
    printf "%s\thome=/home/%s|systempw=%s|uid=%s|gid=%s\n" "$1" "$1" "$password" "$user" "$user" >/etc/courier/userdb
    chmod 600 /etc/courier/userdb && makeuserdb /etc/courier/userdb
  ' sh "$imap_user" "$imap_password" || { why="the password cannot be set"; return 1; }
  # shellcheck disable=SC2016
  start_mail_server sh -c '
    set -a; . /etc/courier/authdaemonrc; libexecdir=/usr/lib/courier
    /usr/lib/courier/courier-authlib/authdaemond & 
    . /etc/courier/imapd-ssl; . /etc/courier/imapd; IMAP_STARTTLS=NO; ulimit -v "$IMAP_ULIMITD"
    [ -f "$IMAPACCESSFILE.dat" ] || makeimapaccess
    exec couriertcpd -address="$ADDRESS" -maxprocs="$MAXDAEMONS" -maxperip="$MAXPERIP" -access="$IMAPACCESSFILE.dat" $TCPDOPTS "$PORT" \
      /usr/lib/courier/courier/imaplogin /usr/bin/imapd "$MAILDIRPATH"
  '
}
