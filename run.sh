#!/usr/bin/env bash
# Runs the Email Ingestion System on this machine: with the account in local.settings.json, or else with a demo mailbox.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/install.sh

names_account() {
  [ -f local.settings.json ] && grep -Eq '"Mailboxes(__|:)[0-9]+(__|:)Username"[[:space:]]*:[[:space:]]*"[^"]+"' local.settings.json
}

need_dotnet
if names_account; then
  need_packages redis-server
  command=(serve)
else
  need_packages redis-server dovecot-imapd
  command=(demo)
fi

echo "Building …"
dotnet build Local/Local.csproj --configuration Release --verbosity quiet --nologo
[ "${command[0]}" = serve ] && command=()
# exec: Ctrl-C and SIGTERM reach the process itself, which stops the servers that it started.
exec dotnet Local/bin/Release/net10.0/EmailIngestion.Local.dll "${command[@]}" "$@"
