#!/bin/bash
# Delivers COUNT (default 20) emails to the mailbox: plain text, HTML, an attachment, an encoded subject, and one of 50 that no consumer
# accepts.
#   docker compose exec mail demo-mail 500
set -euo pipefail
count=${1:-20}
[[ $count =~ ^[1-9][0-9]{0,4}$ ]] || { echo "demo-mail: the number of emails must be between 1 and 99999." >&2; exit 2; }
mailbox=${MAILBOX:-/mail}
batch=$(date +%s).$$
umask 077
mkdir -p "$mailbox"/{tmp,new,cur}

headers() {
  printf '%s\n' "From: $1" "To: demo@example.test" "Subject: $2" "Date: $(date -R)" "Message-ID: <$batch.$number@example.test>" "MIME-Version: 1.0"
}

text() {
  headers "Ann <ann@example.test>" "Question $number about an order"
  printf '%s\n' "Content-Type: text/plain; charset=utf-8" "" "Where is order $number? It was due yesterday."
}

html() {
  headers "Shop <news@example.test>" "=?utf-8?q?Caf=C3=A9_news_no=2E_$number?="
  printf '%s\n' "Content-Type: text/html; charset=utf-8" "" "<p>New this week: <b>number $number</b>.</p>"
}

invoice() {
  headers "Billing <billing@example.test>" "Invoice $number"
  printf '%s\n' 'Content-Type: multipart/mixed; boundary="part"' "" \
    --part "Content-Type: text/plain" "" "The invoice is attached." \
    --part "Content-Type: text/csv" "Content-Disposition: attachment; filename=\"invoice-$number.csv\"" "Content-Transfer-Encoding: base64" "" \
    "$(printf 'item,amount\npaper,%s\n' "$number" | base64)" --part--
}

# Deeper than Processing:MaxDepth (50): the email becomes a dead letter that names the limit.
nested() {
  headers "Mallory <mallory@example.test>" "Too complex $number"
  for ((depth = 0; depth < 60; depth++)); do
    [ $depth -eq 0 ] || echo "--level$((depth - 1))"
    printf '%s\n' "Content-Type: multipart/mixed; boundary=\"level$depth\"" ""
  done
}

for ((number = 1; number <= count; number++)); do
  kinds=(text html invoice)
  kind=${kinds[$((number % 3))]}
  [ $((number % 50)) -ne 25 ] || kind=nested
  file=$batch.$number.demo
  "$kind" >"$mailbox/tmp/$file"
  mv "$mailbox/tmp/$file" "$mailbox/new/$file"
done
echo "Delivered $count emails."
