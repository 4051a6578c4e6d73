#!/usr/bin/env bash
# Verifies a webhook with OpenSSL. Usage: WEBHOOK_SECRET=whsec_… bash verify.sh < body
set -euo pipefail

# verify SECRET HEADERS BODY: 0 if a secret signed the body less than five minutes ago.
# SECRET may hold several, separated by spaces. HEADERS is an array with id, timestamp
# and signatures. BODY is a file with the bytes as received.
verify() {
  local -n headers=$2
  local id=${headers[id]} timestamp=${headers[timestamp]} now age salt secret key expected given valid=1
  [[ -n $id && $timestamp =~ ^[1-9][0-9]{0,11}$ ]] || return 1
  now=$(date +%s)
  age=$((now - timestamp))
  ((age <= 300 && age >= -300)) || return 1
  # Compared under a fresh key, so that the time it takes tells nothing about the signature.
  salt=$(openssl rand -hex 32)
  for secret in $1; do
    key=$(printf %s "${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
    [[ -n $key ]] || continue
    expected=v1,$({ printf '%s.%s.' "$id" "$timestamp"; cat "$3"; } |
      openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
    for given in ${headers[signature]}; do
      [[ $(blind "$salt" "$given") == "$(blind "$salt" "$expected")" ]] && valid=0
    done
  done
  return "$valid"
}

blind() { printf %s "$2" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1"; }

set -f # Words of headers are no file names.
body=$(mktemp)
trap 'rm -f "$body"' EXIT
cat > "$body"
declare -A request=(
  [id]=${WEBHOOK_ID:-} [timestamp]=${WEBHOOK_TIMESTAMP:-} [signature]=${WEBHOOK_SIGNATURE:-}
)
verify "${WEBHOOK_SECRET:-}" request "$body"
