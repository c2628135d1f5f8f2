#!/usr/bin/env bash
# A Keycloak of one's own for trying and for tests, on loopback, over TLS. Not for production: it keeps all it knows in a
# file and has one administrator whose password is in this process's environment.
#
#   dev-server.sh fetch            bring Keycloak's distribution (Maven coordinates below); prints the folder it lies in
#   dev-server.sh run CERT KEY     start it with this certificate and key (PEM) on KEYCLOAK_PORT (8443); in the foreground
#
# Keycloak itself needs Java 17 or newer; fetching needs Maven (`mvn`), which is asked with the settings that it has.
set -euo pipefail

version="${KEYCLOAK_VERSION:-26.0.7}"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/muniment-keycloak"
home="$cache/keycloak-$version"
here="$(cd "$(dirname "$0")" && pwd)"

fetch() {
  if [ ! -x "$home/bin/kc.sh" ]; then
    command -v mvn >/dev/null || { echo 'mvn is missing: apt-get install maven' >&2; exit 3; }
    mkdir -p "$cache"
    mvn --batch-mode --quiet dependency:copy "-Dartifact=org.keycloak:keycloak-quarkus-dist:$version:zip" \
      "-DoutputDirectory=$cache" >"$cache/fetch.log" 2>&1 || { echo "Maven could not bring Keycloak $version." >&2; exit 4; }
    python3 - "$cache/keycloak-quarkus-dist-$version.zip" "$cache" <<'PY'
import sys, zipfile
zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])
PY
    chmod +x "$home"/bin/*.sh
  fi
  echo "$home"
}

run() {
  fetch >/dev/null
  # The realm is imported at the first start; `muniment keycloak bootstrap` finds it and changes what is to be changed.
  local import=()
  if [ -z "${KEYCLOAK_EMPTY:-}" ]; then
    mkdir -p "$home/data/import"
    cp "$here/realm.json" "$home/data/import/"
    import=(--import-realm)
  fi
  export KC_BOOTSTRAP_ADMIN_USERNAME="${KEYCLOAK_ADMIN:-admin}"
  export KC_BOOTSTRAP_ADMIN_PASSWORD="${KEYCLOAK_ADMIN_PASSWORD:?set a password for the administrator}"
  exec "$home/bin/kc.sh" start-dev "${import[@]}" --http-enabled=false \
    --http-host=127.0.0.1 --https-port="${KEYCLOAK_PORT:-8443}" --hostname="https://localhost:${KEYCLOAK_PORT:-8443}" \
    --https-certificate-file="$1" --https-certificate-key-file="$2"
}

case "${1:-}" in
  fetch) fetch ;;
  run) shift; run "$@" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
