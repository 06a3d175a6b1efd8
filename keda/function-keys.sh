#!/usr/bin/env bash
# Writes a Secret with new function keys to standard output:
#   keda/function-keys.sh | kubectl apply -f -
# The host reads them from the mounted Secret and cannot add any, so every function has one. host.function.default opens all functions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

key() { head -c 40 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }

cat <<YAML
apiVersion: v1
kind: Secret
metadata:
  name: email-ingestion-function-keys
  namespace: email-ingestion
stringData:
  host.master: "$(key)"
  host.function.default: "$(key)"
YAML
sed -nE 's/.*\[Function\("([A-Za-z0-9]+)"\)\].*/\1/p' Functions/*.cs | tr '[:upper:]' '[:lower:]' | while read -r function; do
  echo "  functions.$function.default: "$(key)""
done
