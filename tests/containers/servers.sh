# Sourced by containers.sh: the mail server (a process on 127.0.0.1) and the queries to Redis.

dovecot=
mail_user=reader@example.test
stream=email_ingestion_stream
group=email_processor_group

start_dovecot() {
  local folder=$work/dovecot program=${DOVECOT:-dovecot} configuration=dovecot.conf version
  version=$(PATH=$PATH:/usr/sbin "$program" --version)
  [[ $version == 2.[0-3].* ]] || configuration=dovecot-2.4.conf
  imap_port=$(free_port)
  mkdir -p "$folder"/{run,mail/{new,cur,tmp}}
  chmod 755 "$folder"
  sed "s#@folder@#$folder#g; s#@port@#$imap_port#g; s#@user@#$mail_user#g" "tests/containers/$configuration" >"$folder/dovecot.conf"
  chown -R nobody "$folder/mail"
  PATH=$PATH:/usr/sbin setsid "$program" -F -c "$folder/dovecot.conf" >"$work/dovecot.log" 2>&1 &
  dovecot=$!
  eventually 60 listens "$imap_port" || { tail -5 "$work/dovecot.log"; return 1; }
}

# deliver FROM TO: stores numbered mails, each with its own content, as a mail server does.
deliver() {
  local number name
  for ((number = $1; number <= $2; number++)); do
    name=$(printf '%d.M%06dP1.test' "$((1700000000 + number))" "$number")
    printf 'From: sender@example.test\r\nTo: %s\r\nSubject: Number %d\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <%d@example.test>\r\n\r\nThis is mail %d: %s.\r\n' \
      "$mail_user" "$number" "$number" "$number" "$(printf '%d' "$number" | sha256sum | cut -c1-64)" >"$work/dovecot/mail/tmp/$name"
  done
  # All at once: a consumer that runs already must not keep up with them.
  chown nobody "$work"/dovecot/mail/tmp/*
  mv "$work"/dovecot/mail/tmp/* "$work/dovecot/mail/new"
}

start_redis() {
  redis_port=$(free_port)
  docker run --detach --label "$label" --network host "$redis_image" redis-server --port "$redis_port" --bind 127.0.0.1 \
    --save '' >/dev/null || return 1
  eventually 60 redis PING >/dev/null
}

redis() { timeout 5 redis-cli -h 127.0.0.1 -p "$redis_port" "$@" 2>/dev/null; }

entries() { redis XLEN $stream; }

pending() { redis XPENDING $stream $group | head -1; }

# Lists the consumers that own deliveries. Released deliveries wait under the name (retry), which no consumer uses.
owners() { redis XPENDING $stream $group | sed 1,3d | awk 'NR % 2 == 1 && $0 != "" && $0 != "(retry)"'; }

# Lists the owner and the delivery count of each delivery.
deliveries() { redis XPENDING $stream $group - + 1000 | awk 'NR % 4 == 2 { owner = $0 } NR % 4 == 0 { print owner, $0 }'; }

stop_servers() {
  [ -n "$dovecot" ] || return 0
  kill "$dovecot" 2>/dev/null
  wait "$dovecot" 2>/dev/null
  dovecot=
}
