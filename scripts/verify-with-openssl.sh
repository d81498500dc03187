#!/usr/bin/env bash
# Verifies an AgentGate evidence bundle without any code of AgentGate.
#
#   verify-with-openssl.sh BUNDLE TRUST_KEY_FILE[@UNTIL] ...
#
# BUNDLE is an `.agentgate.json` file. TRUST_KEY_FILE is the PEM public key (Ed25519) of whoever issued it, got from its
# owner and not from the bundle; more of them where it was replaced. UNTIL is when, as `2026-01-31T12:00:00.000Z`: the key
# signs for nothing of a later date. Needs bash, openssl 3, sha256sum, base64, cut, xxd, grep, and mktemp and rm for scratch.
#
# It checks the certificate's signature, the checkpoint's signature, that certificate, outcome and amendment are in the ledger
# and belong together, and that opened facts, policies and the theorem are those that the certificate names. What it does not
# check stands in its last line: `agentgate evidence verify` checks the certificate against itself too.
set -euo pipefail
export LC_ALL=C

fail() { echo "FAILED  $1: $2"; exit 1; }
pass() { echo "ok      $1: $2"; }

time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z'
[ $# -ge 2 ] || { echo 'Usage: verify-with-openssl.sh BUNDLE TRUST_KEY_FILE[@UNTIL] ...' >&2; exit 2; }
bundle=$1
[ -r "$bundle" ] || { echo "The bundle \`$bundle\` cannot be read." >&2; exit 2; }
# The file of each trusted key, and when it was replaced, if it was.
trusts=() ends=()
for given in "${@:2}"; do
  [[ $given =~ ^(.*)@($time)$ ]] && trust=${BASH_REMATCH[1]} end=${BASH_REMATCH[2]} || { trust=$given end=; }
  [ -r "$trust" ] || { echo "The key file \`$trust\` cannot be read." >&2; exit 2; }
  trusts+=("$trust") ends+=("$end")
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

base64_text='[A-Za-z0-9+/]*=?=?'
digest='[0-9a-f]{64}'
count='(0|[1-9][0-9]{0,15})'
string='"([^"\\]|\\.)*"'
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

# is PATTERN TEXT: whether the whole text is one line that matches.
is() { [[ $2 != *$'\n'* ]] && grep -qxE "$1" <<<"$2"; }

# signed KEY_FILE FILE SIGNATURE_HEX: whether the key signed exactly this file.
signed() {
  xxd -r -p <<<"$3" >"$work/sig"
  openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$2" -sigfile "$work/sig" >/dev/null 2>&1
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

grep -aqxE "$shape" "$bundle" && [ "$(grep -ac '' "$bundle")" -eq 1 ] && [ "$(printf %s "$(<"$bundle")" | hash_of)" = "$(hash_of <"$bundle")" ] ||
  fail canonical-form 'the file is not an evidence bundle in canonical form'
pass canonical-form 'the file has the exact shape of an evidence bundle'

# outlived END DATE: whether a key that was replaced then signs no more for what is of this date.
outlived() { [ -n "$1" ] && [[ $2 > $1 ]]; }

ders=() fingerprints=()
for trust in "${trusts[@]}"; do
  der=$(openssl pkey -pubin -in "$trust" -outform DER 2>/dev/null | xxd -p -c 256 || true)
  grep -qxE '302a300506032b6570032100[0-9a-f]{64}' <<<"$der" || fail trusted-key "\`$trust\` is not the PEM of an Ed25519 public key"
  ders+=("$der") fingerprints+=("$(xxd -r -p <<<"$der" | hash_of)")
done

artefact=$(part "\"envelope\":\"$base64_text\"" | cut -d'"' -f4)
envelope=$(text_of "$artefact") || fail certificate-form 'the envelope is not base64 of its text'
type=application/vnd.in-toto+json type_pattern='application/vnd\.in-toto\+json'
is "\\{\"payload\":\"$base64_text\",\"payloadType\":\"$type_pattern\",\"signatures\":\\[\\{\"keyid\":\"$digest\",\"sig\":\"$base64_text\"\\}\\]\\}" "$envelope" ||
  fail certificate-form 'the envelope is not a DSSE envelope in canonical form'
payload=$(cut -d'"' -f4 <<<"$envelope") keyid=$(cut -d'"' -f14 <<<"$envelope") signature=$(cut -d'"' -f18 <<<"$envelope")
certificate=$(text_of "$payload") || fail certificate-form 'the payload is not base64 of its text'
pass certificate-form 'a DSSE envelope with an in-toto statement'

which=
for at in "${!trusts[@]}"; do [ "$keyid" != "${fingerprints[at]}" ] || which=$at; done
[ -n "$which" ] || fail trusted-key "the certificate was signed by $keyid, and you trust ${fingerprints[*]}"
pass trusted-key "$keyid"

{ printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "${#certificate}"; printf %s "$certificate"; } >"$work/pae"
signed "${trusts[which]}" "$work/pae" "$(hex_of "$signature")" || fail certificate-signature 'the signature is not that of the trusted key'
issued=$(grep -oE "\"issued_at\":\"$time\"" <<<"$certificate" | cut -d'"' -f4) && is "$time" "$issued" ||
  fail certificate-form 'the date of the certificate is missing or stands there twice'
! outlived "${ends[which]}" "$issued" || fail certificate-signature "the key was replaced at ${ends[which]}, and the certificate is of $issued"
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
end= which=
for at in "${!trusts[@]}"; do
  name_hash=$({ printf '%s\n\001' "$origin"; xxd -r -p <<<"${ders[at]:24}"; } | hash_of)
  [ "${signature:0:8}" = "${name_hash:0:8}" ] && signed "${trusts[at]}" "$work/text" "${signature:8}" || continue
  which=$at end=${ends[at]}
done
[ -n "$which" ] || fail checkpoint-signature 'the signature is not that of the trusted key'
! outlived "$end" "$issued" || fail checkpoint-signature "the key was replaced at $end, and the certificate is of $issued"
pass checkpoint-signature "$origin, $size entries"

tenant=$(grep -oE '"tenant":"[A-Za-z0-9._~-]+"' <<<"$certificate" | cut -d'"' -f4 || true)
[ "$origin" = "agentgate/$tenant" ] || fail checkpoint-origin "the ledger of \`$origin\` is not that of the certificate's tenant"
pass checkpoint-origin 'the ledger of the tenant in the certificate'

root=$(hex_of "${lines[2]}")
place=$(part "\"inclusion\":\\{\"index\":$count,\"proof\":$proof")
index=$(grep -oE '[0-9]+' <<<"${place%%,*}") list=${place#*\[}
included "$(leaf "$artefact")" "$index" "${list%\]}" || fail inclusion "the proof does not lead from entry $index to the checkpoint"
pass inclusion "entry $index of $size"

# one PATTERN: the one member of the certificate that matches. Quotes in its strings are escaped, so no string can pose as a member.
one() {
  local found
  found=$(grep -oE "$1" <<<"$certificate") && [ "$(wc -l <<<"$found")" -eq 1 ] && printf %s "$found"
}

# opened ARTEFACT NAME=DIGEST…: whether every opened value, after its salt, has the digest of its name. Sets `many`.
opened() {
  local text entry name salt value known digest_of found names=$'\n'
  many=0
  text=$(text_of "$1") && shift || return 1
  local fact="$string:\\{\"salt\":\"$digest\",\"value\":\"$base64_text\"\\}"
  is "\\{($fact(,$fact)*)?\\}" "$text" || return 1
  while IFS= read -r entry; do
    [ -n "$entry" ] || continue
    name=${entry%%'":{"salt":"'*} name=${name#\"}
    [[ $names != *$'\n'"$name"$'\n'* ]] || return 1
    names+=$name$'\n'
    value=${entry##*'"value":"'} value=${value%'"}'}
    salt=${entry##*'{"salt":"'} salt=${salt:0:64}
    [ "$(base64 -d <<<"$value" 2>/dev/null | base64 -w0)" = "$value" ] || return 1
    digest_of=$({ xxd -r -p <<<"$salt"; base64 -d <<<"$value"; } | hash_of)
    found=
    for known in "$@"; do [ "$known" = "$name=$digest_of" ] && found=yes; done
    case $name in context/*) grep -qF "\"${name#context/}\":{\"digest\":\"$digest_of\"}" <<<"$certificate" && [ $# -gt 0 ] && [ "${1%%=*}" = input ] && found=yes ;; esac
    [ -n "$found" ] || return 1
    many=$((many + 1))
  done < <(grep -oE "$fact" <<<"$text")
}

grep -qE '^\{"_type":"https://in-toto\.io/Statement/v1","predicate":\{' <<<"$certificate" || fail certificate-form 'not an in-toto statement'
id=$(one "\"decision_id\":$string") && call=$(one "\"call_id\":$string") && input=$(one "\"input\":\"$digest\"") &&
  theorem=$(one "\"theorem_hash\":(null|\"$digest\")") && digests=$(one '"policy_digests":\[[^]]*\]') && predicates=$(one '"predicates":\[\]?') &&
  verdict=$(one '"verdict":"(allow|hold|deny)"\},"predicateType":"urn:agentgate:decision-certificate:1","subject":\[') ||
  fail certificate-form 'a member of the certificate is missing or stands there twice'
verdict=$(cut -d'"' -f4 <<<"$verdict")

facts=$(part ",\"opened\":\"$base64_text\",\"outcome\":" | cut -d'"' -f4)
opened "$facts" "input=$(cut -d'"' -f4 <<<"$input")" || fail facts 'a fact that is opened is not what its salted digest holds'
pass facts "$many opened, as their salted digests hold them"

policies=0
for entry in $(part "$policy"); do
  name=$(cut -d'"' -f4 <<<"$entry") text=$(cut -d'"' -f8 <<<"$entry")
  [ "$(base64 -d <<<"$text" 2>/dev/null | base64 -w0)" = "$text" ] && [ "$(base64 -d <<<"$text" | hash_of)" = "$name" ] ||
    fail policies "the text is not that of the policy set $name"
  grep -qF "\"$name\"" <<<"$digests" || fail policies "the certificate names no policy set $name"
  [ "$(part "\"digest\":\"$name\"" | wc -l)" -eq 1 ] || fail policies "the policy set $name is enclosed twice"
  policies=$((policies + 1))
done
pass policies "$policies enclosed, as the certificate names them"

for entry in $(part "$key"); do
  name=$(cut -d'"' -f4 <<<"$entry") text=$(cut -d'"' -f8 <<<"$entry")
  [ "$({ xxd -r -p <<<302a300506032b6570032100; base64 -d <<<"$text" 2>/dev/null; } | hash_of)" = "$name" ] &&
    [ "$(base64 -d <<<"$text" | base64 -w0)" = "$text" ] || fail key-hints "the hint $name is not the fingerprint of its key"
done

enclosed=$(part "\"theorem\":\"$base64_text\"" | cut -d'"' -f4)
if [ -n "$enclosed" ]; then
  [ "$(base64 -d <<<"$enclosed" 2>/dev/null | base64 -w0)" = "$enclosed" ] && [ "\"theorem_hash\":\"$(base64 -d <<<"$enclosed" | hash_of)\"" = "$theorem" ] ||
    fail theorem 'it is not the one that the certificate names'
  pass theorem 'the one that the certificate names'
fi

# concluded outcome|amendment: whether what stands there is of this kind and this call, and in the ledger.
concluded() {
  local kind=$1 found body text status output index list
  found=$(part "\"$kind\":\\{\"body\":\"$base64_text\",\"index\":$count,\"opened\":\"$base64_text\",\"proof\":$proof")
  if [ -z "$found" ]; then
    [ "$kind$verdict" != outcomedeny ] || fail outcome 'a denied call has its outcome from the start, and it is missing'
    return 0
  fi
  [ "$kind" = outcome ] || [ -z "$(part '"outcome":null')" ] || fail amendment 'what it amends, the outcome, is missing'
  body=$(cut -d'"' -f6 <<<"$found") index=$(cut -d'"' -f9 <<<"$found" | grep -oE '[0-9]+') list=${found#*\[}
  text=$(text_of "$body") || fail "$kind" 'it is not base64 of its text'
  local form="\\{\"_type\":\"urn:agentgate:$kind:1\",\"at\":\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z\",\"call_id\":$string,\"decision_id\":$string"
  form+=",\"output\":(null|\"$digest\"),\"reason\":(null|$string),\"status\":\"(succeeded|failed|refused|withheld|cut|lost)\",\"tenant\":$string\\}"
  is "$form" "$text" || fail "$kind" "it is not the statement of an $kind"
  grep -F ",$call,$id,\"output\":" <<<"$text" | grep -qF ",\"tenant\":\"$tenant\"}" || fail "$kind" "the $kind is that of another decision"
  ! outlived "$end" "$(cut -d'"' -f8 <<<"$text")" || fail checkpoint-signature "the key was replaced at $end, and the $kind is of a later date"
  status=$(grep -oE '"status":"[a-z]+","tenant":' <<<"$text" | cut -d'"' -f4)
  if [ "$kind" = outcome ] && [ "$([ "$status" = refused ] && echo yes)" != "$([ "$verdict" = deny ] && echo yes)" ]; then
    fail outcome "\`$status\` does not fit the verdict \`$verdict\`"
  fi
  output=$(grep -oE "\"output\":\"$digest\"" <<<"$text" | cut -d'"' -f4 || true)
  opened "$(cut -d'"' -f12 <<<"$found")" "output=$output" || fail "$kind" 'what is opened is not what its salted digest holds'
  included "$(leaf "$body")" "$index" "${list%\]}" || fail "$kind" "the proof does not lead from entry $index to the checkpoint"
  pass "$kind" "$status, entry $index of $size"
}
concluded outcome
concluded amendment

[ "$predicates" != '"predicates":[]' ] || pass verdict 'no predicates: the proof failed'
grep -oE '"(decision_id|verdict|result|issued_at)":"[A-Za-z0-9:.-]+"' <<<"$certificate" | grep -vE '"verdict":"pass"' || true
echo "VALID (certificate, checkpoint, inclusion, facts, policies, theorem, outcome, amendment, where enclosed; NOT CHECKED: the certificate's alpha_hash and gamma_hash, whether verdict and predicates agree, what the policies say)   $bundle"
