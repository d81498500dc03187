import { fromBase64, fromHex, toHex, utf8, utf8Text } from './bytes.ts'
import { type Bundle, type BundleConclusion, bundleLimit, parseBundle, parseOpened } from './bundle-file.ts'
import { parseCanonical } from './canonical.ts'
import { type Checkpoint, type Note, originOf, parseCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { type Envelope, openEnvelope, payloadType, verifyEnvelope } from './envelope.ts'
import { isOutcomeStatement, type OutcomeStatement, outcomeTypes } from './outcome-statement.ts'
import { publicKey } from './public-key.ts'
import { alphaText, type DecisionCertificate, gammaText, isConsistent, isStatement } from './statement.ts'
import { verifyInclusion, webLeafHash } from './tree-proof.ts'
import { outlived, type Pinned, pinnedKeys, type Trusted } from './trust.ts'
import { webSha256 } from './web-digest.ts'

/** The checks of a verification, in the order they are reported. */
export type CheckName =
  | 'canonical-form'
  | 'key-hints'
  | 'trusted-key'
  | 'certificate-signature'
  | 'certificate-form'
  | 'verdict'
  | 'alpha-hash'
  | 'gamma-hash'
  | 'facts'
  | 'policies'
  | 'theorem'
  | 'checkpoint-signature'
  | 'checkpoint-origin'
  | 'inclusion'
  | 'outcome'
  | 'amendment'

export interface Check {
  readonly name: CheckName
  readonly ok: boolean
  /** What was found, for people. */
  readonly detail: string
}

/**
 * What a verifier found. `untrusted-key`: nobody pinned the key that signed, so nothing is known. `refused`: not a bundle in
 * its canonical form. `invalid`: some check failed. Only `valid` is valid.
 */
export interface Verified {
  readonly code: 'valid' | 'invalid' | 'untrusted-key' | 'refused'
  readonly valid: boolean
  readonly checks: readonly Check[]
  /** What the bundle claims, where it could be read. To be believed only if `valid`. */
  readonly certificate?: DecisionCertificate
  readonly outcome?: OutcomeStatement
  readonly checkpoint?: Checkpoint
}

/**
 * Verifies an evidence bundle without any server, by WebCrypto: in Node and in browsers alike. Only keys in `trust` count;
 * keys in the bundle merely complete pinned fingerprints. It never throws for a bad bundle.
 *
 * It does not evaluate the policies again, and without a witness a split view of the ledger is not excluded.
 */
export async function verifyBundle(file: string | Uint8Array, trust: readonly Trusted[]): Promise<Verified> {
  const form = await check('canonical-form', () => void read(file), 'The file is a bundle in canonical form, without unknown members.')
  if (!form.ok) return { code: 'refused', valid: false, checks: [form] }
  const evidence = open(read(file), await pinned(read(file), trust))
  const checks = [form]
  for (const [name, run] of steps) checks.push(await check(name, () => run(evidence)))
  const failed = checks.filter(({ ok }) => !ok)
  return {
    code: failed.length === 0 ? 'valid' : failed.some(({ name }) => name === 'trusted-key') ? 'untrusted-key' : 'invalid',
    valid: failed.length === 0,
    checks,
    ...claims(evidence),
  }
}

/** A bundle under verification. What could not be opened throws when a check asks for it, so that every such check fails. */
interface Evidence {
  readonly parts: Bundle
  readonly keys: readonly Pinned[]
  readonly envelope: () => Envelope
  readonly certificate: () => DecisionCertificate
  readonly note: () => Note
}

const steps: readonly (readonly [CheckName, (evidence: Evidence) => Promise<string> | string])[] = [
  ['key-hints', keyHints],
  ['trusted-key', trustedKey],
  ['certificate-signature', certificateSignature],
  ['certificate-form', certificateForm],
  ['verdict', verdict],
  ['alpha-hash', alphaHash],
  ['gamma-hash', gammaHash],
  ['facts', facts],
  ['policies', policies],
  ['theorem', theorem],
  ['checkpoint-signature', checkpointSignature],
  ['checkpoint-origin', checkpointOrigin],
  ['inclusion', (evidence) => included(evidence, evidence.parts.envelope, evidence.parts.inclusion)],
  ['outcome', (evidence) => conclusion(evidence, 'outcome', evidence.parts.outcome)],
  ['amendment', (evidence) => conclusion(evidence, 'amendment', evidence.parts.amendment)],
]

async function keyHints({ parts }: Evidence): Promise<string> {
  for (const { keyid, x } of parts.keys) {
    if ((await publicKey(fromBase64(x))).id !== keyid) fail(`The key hint \`${keyid}\` is not the fingerprint of its key.`)
  }
  return `${parts.keys.length} key hints agree with their fingerprints; a hint is never trusted.`
}

function trustedKey(evidence: Evidence): string {
  return `The certificate was signed by the pinned key \`${signingKey(evidence).id}\`.`
}

async function certificateSignature(evidence: Evidence): Promise<string> {
  if (!(await verifyEnvelope(evidence.envelope(), signingKey(evidence))))
    fail('The signature is not that of the pinned key over this certificate.')
  const ended = outlived(signingKey(evidence), evidence.certificate().issued_at)
  if (ended !== undefined) fail(ended)
  return 'Ed25519 over the DSSE encoding of the certificate.'
}

function certificateForm({ certificate }: Evidence): string {
  return `An in-toto statement for decision \`${certificate().decision_id}\`.`
}

function verdict({ certificate }: Evidence): string {
  const { verdict, result, solver, proof } = certificate()
  if (!isConsistent(certificate())) fail(`Verdict \`${verdict}\`, result ${result} and the six predicates contradict each other.`)
  const proved = proof.predicates.length === 0 ? '; no predicates: the proof failed' : ''
  return `${verdict}, ${result}; solver ${solver.mode}${proved}.`
}

async function alphaHash({ certificate }: Evidence): Promise<string> {
  if ((await webSha256(utf8(alphaText(certificate())))) !== certificate().alpha_hash) fail('`alpha_hash` is not that of the call.')
  return 'The hash of the call is that of its parts.'
}

async function gammaHash({ certificate }: Evidence): Promise<string> {
  if ((await webSha256(utf8(gammaText(certificate())))) !== certificate().gamma_hash) fail('`gamma_hash` is not that of the knowledge.')
  return 'The hash of what the call was judged by is that of its parts.'
}

async function facts({ parts, certificate }: Evidence): Promise<string> {
  const { input, context } = certificate()
  const held = Object.entries(context).flatMap(([name, fact]) => ('digest' in fact ? [[`context/${name}`, fact.digest] as const] : []))
  const digests = new Map([['input', input] as const, ...held])
  const opened = await openAll(parts.opened, digests)
  return `${opened} of ${digests.size} salted digests are opened, and hold what is shown.`
}

async function policies({ parts, certificate }: Evidence): Promise<string> {
  const digests = certificate().policy_digests
  for (const { digest, text } of parts.policies) {
    if (parts.policies.filter((each) => each.digest === digest).length > 1) fail(`The policy set \`${digest}\` is enclosed twice.`)
    if (!digests.includes(digest)) fail(`The certificate names no policy set \`${digest}\`.`)
    if ((await webSha256(fromBase64(text))) !== digest) fail(`The policy text is not that of \`${digest}\`.`)
  }
  return `${parts.policies.length} of ${digests.length} policy sets are enclosed, exactly as they judged.`
}

async function theorem({ parts, certificate }: Evidence): Promise<string> {
  const { theorem_hash: hash, solver } = certificate()
  if (parts.theorem === null)
    return hash === null
      ? `The certificate claims no theorem: the solver was ${solver.mode}, and said \`${solver.answer}\`.`
      : 'The theorem is not enclosed.'
  if ((await webSha256(fromBase64(parts.theorem))) !== hash) fail('The theorem is not the one that the certificate names.')
  return 'The theorem is the one that the certificate names.'
}

async function checkpointSignature({ keys, note, parts, certificate }: Evidence): Promise<string> {
  const signed = await Promise.all(keys.map((key) => verifyCheckpoint(note(), key)))
  const key = keys[signed.indexOf(true)] ?? fail('No pinned key signed the checkpoint.')
  const concluded = [parts.outcome, parts.amendment].flatMap((part) => (part ? outcomeOf(part).at : []))
  for (const date of key.until === undefined ? [] : [certificate().issued_at, ...concluded]) {
    const ended = outlived(key, date)
    if (ended !== undefined) fail(ended)
  }
  return 'Signed by a pinned key. Without a witness, a split view is not excluded.'
}

function checkpointOrigin({ certificate, note }: Evidence): string {
  const { origin } = note().checkpoint
  if (origin !== originOf(certificate().tenant)) fail(`The checkpoint is of \`${origin}\`, not of the certificate's tenant.`)
  return `The ledger of \`${origin}\`.`
}

async function included({ note }: Evidence, leaf: string, { index, proof }: { index: number; proof: readonly string[] }): Promise<string> {
  const { size, root } = note().checkpoint
  const path = proof.map((hash) => toHex(fromBase64(hash)))
  if (!(await verifyInclusion({ leaf: await webLeafHash(fromBase64(leaf)), index, size, root }, path)))
    fail(`The proof does not lead from entry ${index} to the checkpoint's root.`)
  return `Entry ${index} of ${size}.`
}

async function conclusion(evidence: Evidence, kind: keyof typeof outcomeTypes, part: BundleConclusion | null): Promise<string> {
  const { decision_id, call_id, tenant, verdict } = evidence.certificate()
  if (!part) {
    if (kind === 'outcome' && verdict === 'deny') fail('A denied call has its outcome from the start, and it is missing here.')
    return `No ${kind} is enclosed.`
  }
  if (kind === 'amendment' && !evidence.parts.outcome) fail('What it amends, the outcome, is missing here.')
  const statement = outcomeOf(part)
  if (statement._type !== outcomeTypes[kind]) fail(`The ${kind} says that it is something else.`)
  if (statement.decision_id !== decision_id || statement.call_id !== call_id || statement.tenant !== tenant)
    fail(`The ${kind} is that of another call.`)
  if (kind === 'outcome' && (statement.status === 'refused') !== (verdict === 'deny'))
    fail(`The outcome \`${statement.status}\` does not fit the verdict \`${verdict}\`.`)
  await openAll(part.opened, new Map(statement.output === null ? [] : [['output', statement.output]]))
  return `${statement.status}. ${await included(evidence, part.body, part)}`
}

/** Checks everything that an artefact opens against its digest; answers how many there were. */
async function openAll(artefact: string, digests: ReadonlyMap<string, string>): Promise<number> {
  const opened = Object.entries(parseOpened(artefact))
  for (const [fact, { salt, value }] of opened) {
    const canonicalValue = fromBase64(value)
    parseCanonical(utf8Text(canonicalValue))
    if ((await webSha256(fromHex(salt), canonicalValue)) !== digests.get(fact)) fail(`\`${fact}\` is not what its salted digest holds.`)
  }
  return opened.length
}

function read(file: string | Uint8Array): Bundle {
  if (file.length > bundleLimit) throw new RangeError(`The file is larger than ${bundleLimit} bytes.`)
  return parseBundle(typeof file === 'string' ? file : utf8Text(file))
}

function open(parts: Bundle, keys: readonly Pinned[]): Evidence {
  const envelope = () => openEnvelope(utf8Text(fromBase64(parts.envelope)))
  return {
    parts,
    keys,
    envelope,
    certificate: () => certificateOf(envelope()),
    note: () => parseCheckpoint(utf8Text(fromBase64(parts.checkpoint))),
  }
}

function certificateOf({ payload, payloadType: type }: Envelope): DecisionCertificate {
  const statement = parseCanonical(utf8Text(payload))
  if (type !== payloadType || !isStatement(statement))
    fail('The envelope does not hold a DecisionCertificate with exactly the known members.')
  const { predicate, subject } = statement
  const [call, ...more] = subject
  if (call?.name !== predicate.call_id || call.digest.sha256 !== predicate.alpha_hash || more.length > 0)
    fail('The subject is not the call.')
  return predicate
}

function outcomeOf({ body }: BundleConclusion): OutcomeStatement {
  const statement = parseCanonical(utf8Text(fromBase64(body)))
  if (!isOutcomeStatement(statement)) fail('Not an outcome with exactly the known members.')
  return statement
}

/** With the keys that the bundle hints at, as far as they are pinned by their fingerprints. */
async function pinned({ keys }: Bundle, trust: readonly Trusted[]): Promise<readonly Pinned[]> {
  const hints = keys.flatMap(({ x }) => readable(() => fromBase64(x)) ?? [])
  return pinnedKeys(
    trust,
    hints.filter(({ length }) => length === 32),
  )
}

function signingKey({ envelope, keys }: Evidence): Pinned {
  const { keyId } = envelope()
  return (
    keys.find(({ id }) => id === keyId) ??
    fail(`Nobody pinned the key \`${keyId}\` that is said to have signed: get the right key from its owner, not from the bundle.`)
  )
}

function claims(evidence: Evidence): Pick<Verified, 'certificate' | 'outcome' | 'checkpoint'> {
  const certificate = readable(evidence.certificate)
  const outcome = readable(() => evidence.parts.outcome && outcomeOf(evidence.parts.outcome))
  const checkpoint = readable(() => evidence.note().checkpoint)
  return { ...(certificate && { certificate }), ...(outcome && { outcome }), ...(checkpoint && { checkpoint }) }
}

function readable<T>(open: () => T): T | undefined {
  try {
    return open()
  } catch {
    return undefined
  }
}

async function check(name: CheckName, run: () => Promise<string> | string | void, fine = ''): Promise<Check> {
  try {
    return { name, ok: true, detail: (await run()) ?? fine }
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

function fail(why: string): never {
  throw new TypeError(why)
}
