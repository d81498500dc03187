#!/usr/bin/env bash
# Verifies an AgentGate evidence bundle without any code of AgentGate.
#
#   verify-with-openssl.sh BUNDLE TRUST_KEY_FILE
#
# BUNDLE is an `.agentgate.json` file. TRUST_KEY_FILE is the PEM public key (Ed25519) of whoever issued it, got from its
# owner and not from the bundle. Needs bash, openssl 3, sha256sum, base64, cut, xxd, grep, and mktemp and rm for scratch.
#
# It checks the certificate's signature, that certificate and outcome are in the ledger, and the signature of the ledger's
# checkpoint. It does not look at salted facts, policies and amendments: `agentgate evidence verify` does.
set -euo pipefail
export LC_ALL=C

fail() { echo "FAILED  $1: $2"; exit 1; }
pass() { echo "ok      $1: $2"; }

[ $# -eq 2 ] || { echo 'Usage: verify-with-openssl.sh BUNDLE TRUST_KEY_FILE' >&2; exit 2; }
bundle=$1 trust=$2
[ -r "$bundle" ] || { echo "The bundle \`$bundle\` cannot be read." >&2; exit 2; }
[ -r "$trust" ] || { echo "The key file \`$trust\` cannot be read." >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

base64_text='[A-Za-z0-9+/]*=?=?'
digest='[0-9a-f]{64}'
count='(0|[1-9][0-9]{0,15})'
proof="\\[(\"$base64_text\"(,\"$base64_text\")*)?\\]"
conclusion="(null|\\{\"body\":\"$base64_text\",\"index\":$count,\"opened\":\"$base64_text\",\"proof\":$proof\\})"
key="\\{\"keyid\":\"$digest\",\"x\":\"$base64_text\"\\}"
policy="\\{\"digest\":\"$digest\",\"text\":\"$base64_text\"\\}"
shape="\\{\"amendment\":$conclusion,\"checkpoint\":\"$base64_text\",\"envelope\":\"$base64_text\",\"format\":\"agentgate-evidence/1\""
shape+=",\"inclusion\":\\{\"index\":$count,\"proof\":$proof\\},\"keys\":\\[$key(,$key)*\\],\"opened\":\"$base64_text\",\"outcome\":$conclusion"
shape+=",\"policies\":\\[($policy(,$policy)*)?\\],\"theorem\":(null|\"$base64_text\")\\}"

# part PATTERN: what of the bundle matches. The shape makes each name below unique.
part() { grep -aoE "$1" "$bundle" || true; }
# text_of BASE64: the text in it. Fails unless base64 and text are exactly each other.
text_of() {
  local text
  text=$(base64 -d <<<"$1" 2>/dev/null) && [ "$(printf %s "$text" | base64 -w0)" = "$1" ] && printf %s "$text"
}
hex_of() { base64 -d <<<"$1" 2>/dev/null | xxd -p -c 256 || true; }
hash_of() { sha256sum | cut -d' ' -f1; }
node() { printf '01%s%s' "$1" "$2" | xxd -r -p | hash_of; }
leaf() { { printf '\0'; base64 -d <<<"$1"; } | hash_of; }

# signed FILE SIGNATURE_HEX: whether the trusted key signed exactly this file.
signed() {
  xxd -r -p <<<"$2" >"$work/sig"
  openssl pkeyutl -verify -pubin -inkey "$trust" -rawin -in "$1" -sigfile "$work/sig" >/dev/null 2>&1
}

# included LEAF INDEX LIST: whether the hashes of the list (base64) lead from the leaf to the root (RFC 9162, 2.1.3.2).
included() {
  local hash=$1 at=$2 last=$((size - 1)) step
  local -a steps
  IFS=, read -ra steps <<<"${3//\"/}"
  [ "$at" -lt "$size" ] || return 1
  for step in "${steps[@]}"; do
    step=$(hex_of "$step")
    [ "${#step}" -eq 64 ] && [ "$last" -ne 0 ] || return 1
    if ((at % 2 == 1 || at == last)); then
      hash=$(node "$step" "$hash")
      while ((at % 2 == 0 && at != 0)); do at=$((at / 2)) last=$((last / 2)); done
    else
      hash=$(node "$hash" "$step")
    fi
    at=$((at / 2)) last=$((last / 2))
  done
  [ "$last" -eq 0 ] && [ "$hash" = "$root" ]
}

grep -aqxE "$shape" "$bundle" && [ "$(printf %s "$(<"$bundle")" | hash_of)" = "$(hash_of <"$bundle")" ] ||
  fail canonical-form 'the file is not an evidence bundle in canonical form'
pass canonical-form 'the file has the exact shape of an evidence bundle'

der=$(openssl pkey -pubin -in "$trust" -outform DER 2>/dev/null | xxd -p -c 256 || true)
grep -qxE '302a300506032b6570032100[0-9a-f]{64}' <<<"$der" || fail trusted-key "\`$trust\` is not the PEM of an Ed25519 public key"
fingerprint=$(xxd -r -p <<<"$der" | hash_of)

artefact=$(part "\"envelope\":\"$base64_text\"" | cut -d'"' -f4)
envelope=$(text_of "$artefact") || fail certificate-form 'the envelope is not base64 of its text'
type=application/vnd.in-toto+json type_pattern='application/vnd\.in-toto\+json'
grep -qxE "\\{\"payload\":\"$base64_text\",\"payloadType\":\"$type_pattern\",\"signatures\":\\[\\{\"keyid\":\"$digest\",\"sig\":\"$base64_text\"\\}\\]\\}" \
  <<<"$envelope" || fail certificate-form 'the envelope is not a DSSE envelope in canonical form'
payload=$(cut -d'"' -f4 <<<"$envelope") keyid=$(cut -d'"' -f14 <<<"$envelope") signature=$(cut -d'"' -f18 <<<"$envelope")
certificate=$(text_of "$payload") || fail certificate-form 'the payload is not base64 of its text'
pass certificate-form 'a DSSE envelope with an in-toto statement'

[ "$keyid" = "$fingerprint" ] || fail trusted-key "the certificate was signed by $keyid, and you trust $fingerprint"
pass trusted-key "$fingerprint"

{ printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "${#certificate}"; printf %s "$certificate"; } >"$work/pae"
signed "$work/pae" "$(hex_of "$signature")" || fail certificate-signature 'the signature is not that of the trusted key'
pass certificate-signature 'Ed25519 over the DSSE encoding of the certificate'

note=$(part "\"checkpoint\":\"$base64_text\"" | cut -d'"' -f4)
mapfile -t lines < <(base64 -d <<<"$note" 2>/dev/null)
[ "${#lines[@]}" -eq 6 ] || fail checkpoint-signature 'the checkpoint has not six lines'
origin=${lines[0]} size=${lines[1]}
grep -qxE "$count" <<<"$size" || fail checkpoint-signature 'the size of the ledger is not a number'
grep -qxE "audit $count $digest" <<<"${lines[3]}" || fail checkpoint-signature 'the line of the audit chain is missing'
printf '%s\n' "${lines[@]:0:4}" >"$work/text"
signature=$(cut -d' ' -f3 <<<"${lines[5]}")
[ "$(printf '%s\n%s\n%s\n%s\n\n— %s %s\n' "${lines[@]:0:4}" "$origin" "$signature" | base64 -w0)" = "$note" ] ||
  fail checkpoint-signature 'the checkpoint is not a signed note of its origin'
signature=$(hex_of "$signature")
name_hash=$({ printf '%s\n\001' "$origin"; xxd -r -p <<<"${der:24}"; } | hash_of)
[ "${signature:0:8}" = "${name_hash:0:8}" ] && signed "$work/text" "${signature:8}" ||
  fail checkpoint-signature 'the signature is not that of the trusted key'
pass checkpoint-signature "$origin, $size entries"

tenant=$(grep -oE '"tenant":"[A-Za-z0-9._~-]+"' <<<"$certificate" | cut -d'"' -f4 || true)
[ "$origin" = "agentgate/$tenant" ] || fail checkpoint-origin "the ledger of \`$origin\` is not that of the certificate's tenant"
pass checkpoint-origin 'the ledger of the tenant in the certificate'

root=$(hex_of "${lines[2]}")
place=$(part "\"inclusion\":\\{\"index\":$count,\"proof\":$proof")
index=$(grep -oE '[0-9]+' <<<"${place%%,*}") list=${place#*\[}
included "$(leaf "$artefact")" "$index" "${list%\]}" || fail inclusion "the proof does not lead from entry $index to the checkpoint"
pass inclusion "entry $index of $size"

outcome=$(part "\"outcome\":\\{\"body\":\"$base64_text\",\"index\":$count,\"opened\":\"$base64_text\",\"proof\":$proof")
if [ -n "$outcome" ]; then
  body=$(cut -d'"' -f6 <<<"$outcome") index=$(cut -d'"' -f9 <<<"$outcome" | grep -oE '[0-9]+') list=${outcome#*\[}
  id=$(grep -oE '"decision_id":"[0-9a-f-]+"' <<<"$certificate")
  text_of "$body" | grep -F "$id" >/dev/null || fail outcome 'the outcome is that of another decision'
  included "$(leaf "$body")" "$index" "${list%\]}" || fail outcome "the proof does not lead from entry $index to the checkpoint"
  pass outcome "$(text_of "$body" | grep -oE '"status":"[a-z]+"' | cut -d'"' -f4), entry $index of $size"
fi

grep -oE '"(decision_id|verdict|result|issued_at)":"[A-Za-z0-9:.-]+"' <<<"$certificate" | grep -vE '"verdict":"pass"' || true
echo "VALID   $bundle"
