#!/usr/bin/env bash
# Pins the images of the Dockerfiles and of compose.yaml by digest: image:tag becomes image:tag@sha256:…, with the registry's current digest.
#   tools/pin-images.sh            resolves each tag and writes the digests (needs docker or podman, and the registry)
#   tools/pin-images.sh --check    changes nothing; ends with 1 and lists the images that are not pinned
# Further arguments name the files. ENGINE=podman selects the engine. The script writes only if it could resolve every image.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check=
[ "${1:-}" = --check ] && { check=yes; shift; }
files=("$@")
[ ${#files[@]} -gt 0 ] || files=(Dockerfile Dockerfile.local compose/mail/Dockerfile compose.yaml)
engine=${ENGINE:-docker}

# Lists the images of FROM lines and of compose's `image:`, with their digests. A name without a colon is an earlier stage.
images() { sed -nE 's/^(FROM +(--[^ ]+ +)*| +image: +)([^ ]+:[^ ]+).*/\3/p' "$@" | sort -u; }

if [ -n "$check" ]; then
  unpinned=$(images "${files[@]}" | grep -vE '@sha256:[0-9a-f]{64}$' || true)
  [ -z "$unpinned" ] && exit 0
  echo "Not pinned by digest (run tools/pin-images.sh):" >&2
  echo "$unpinned" >&2
  exit 1
fi

command -v "$engine" >/dev/null || { echo "$engine is not installed: a container engine resolves the tags." >&2; exit 1; }

digest_of() {
  local image=$1 digest
  "$engine" pull --quiet "$image" >/dev/null || { echo "$image cannot be pulled." >&2; return 1; }
  digest=$("$engine" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" \
    | sed -nE "s#^${image%:*}@(sha256:[0-9a-f]{64})\$#\1#p" | head -n 1)
  [ -n "$digest" ] || { echo "$engine knows no digest of $image." >&2; return 1; }
  echo "$digest"
}

edits=()
for image in $(images "${files[@]}" | sed 's/@.*//' | sort -u); do
  digest=$(digest_of "$image") || exit 1
  edits+=(-e "s#^(FROM +(--[^ ]+ +)*| +image: +)${image//./\\.}(@sha256:[0-9a-f]+)?( .*)?\$#\1$image@$digest\4#")
  echo "$image@$digest"
done
[ ${#edits[@]} -gt 0 ] || { echo "No line names an image: ${files[*]}." >&2; exit 1; }
for file in "${files[@]}"; do
  pinned=$(sed -E "${edits[@]}" "$file")
  printf '%s\n' "$pinned" >"$file"
done
