import { createPublicKey, verify } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fromBase64, fromHex, toHex, utf8, utf8Text } from '../../packages/core/src/evidence/bytes.ts'
import { canonical } from '../../packages/core/src/evidence/canonical.ts'
import { pae } from '../../packages/core/src/evidence/envelope.ts'
import { signedBy, spki } from '../../packages/core/src/evidence/public-key.ts'
import { verifyConsistency, verifyInclusion } from '../../packages/core/src/evidence/tree-proof.ts'

export const sets = ['vectors']

/** One vector: what is wrong with our answer, or nothing. */
type Answer = string | undefined | Promise<string | undefined>

/** Vectors that nothing of ours is held against yet, and why. */
const notRun = [
  ['wycheproof_json_web_signature.jsonl.gz', 'no room implements JWS'],
  ['wycheproof/*.json.gz', 'AES-GCM, HKDF and HMAC are used straight from the platform'],
  ['totp, webauthn', 'no second factor yet'],
  ['ed25519/rfc8032_ctx_ph_from_noble.json', 'we use neither contexts nor pre-hashing'],
] as const

/**
 * Published vectors of what the evidence room implements: JCS, Ed25519 by both of Node's interfaces, Merkle proofs, DSSE. All must
 * answer as labelled; where Ed25519 edge cases have no label, both interfaces must agree. Nothing when the folder has no vectors.
 */
export async function evaluate(folder: string): Promise<{ set: string; passed: number; failed: number; rows: unknown[] }[]> {
  const at = join(folder, 'vectors')
  if (!existsSync(at)) return []
  const rows = [
    await run('JCS documents', jcsDocuments(at)),
    await run('JCS numbers', jcsNumbers(at)),
    await run('Ed25519, Wycheproof', wycheproof(at)),
    await run('Ed25519, edge cases: both verifiers agree', edgeCases(at)),
    await run('RFC 6962 inclusion', inclusion(at)),
    await run('RFC 6962 consistency', consistency(at)),
    await run('DSSE encoding', dsse(at)),
  ]
  const sum = (name: 'passed' | 'failed') => rows.reduce((total, row) => total + row[name], 0)
  const left = notRun.map(([vectors, why]) => ({ vectors, note: `not run: ${why}` }))
  return [{ set: 'vectors', passed: sum('passed'), failed: sum('failed'), rows: [...rows, ...left] }]
}

async function run(vectors: string, answers: Iterable<Answer>) {
  let [passed, failed, note] = [0, 0, '']
  for (const answer of answers) {
    const wrong = await answer
    if (wrong === undefined) passed++
    else if (++failed === 1) note = `first: ${wrong}`
  }
  return { vectors, passed, failed, note: passed + failed === 0 ? 'no such vectors in the folder' : note }
}

function* jcsDocuments(at: string): Generator<Answer> {
  for (const name of readdirSync(join(at, 'jcs/input'))) {
    const text = canonical(JSON.parse(readFileSync(join(at, 'jcs/input', name), 'utf8')))
    const hex = readFileSync(join(at, 'jcs/outhex', name.replace(/json$/, 'txt')), 'utf8').replaceAll(/\s/g, '')
    yield same(text, readFileSync(join(at, 'jcs/output', name), 'utf8'), name)
    yield same(toHex(utf8(text)), hex, `${name} as bytes`)
  }
}

function* jcsNumbers(at: string): Generator<Answer> {
  const listed: { ieee: string; expected: string }[] = JSON.parse(readFileSync(join(at, 'jcs/es6_numbers.json'), 'utf8'))
  const lines = gunzipSync(readFileSync(join(at, 'jcs/es6testfile_10000.txt.gz')))
    .toString('latin1')
    .trimEnd()
    .split('\n')
  const pairs = lines.map((line) => line.split(',') as [string, string])
  for (const [bits, expected] of [...listed.map(({ ieee, expected }) => [ieee, expected] as const), ...pairs])
    yield same(canonical(new DataView(fromHex(bits.padStart(16, '0')).buffer).getFloat64(0)), expected, bits)
}

function* wycheproof(at: string): Generator<Answer> {
  for (const { id, group, msg, sig, result } of lines(at, 'wycheproof_ed25519.jsonl.gz')) {
    const given = verdicts(fromHex(group.publicKey.pk), fromHex(sig), fromHex(msg))
    yield given.then((said) => same(said, String([result === 'valid', result === 'valid']), id))
  }
}

function* edgeCases(at: string): Generator<Answer> {
  const agree = (said: string, name: string) =>
    new Set(said.split(',')).size === 1 ? undefined : `${name}: openssl, WebCrypto say ${said}`
  for (const { id, key, sig, msg } of lines(at, 'ed25519_cctv_edge.jsonl.gz'))
    yield verdicts(fromHex(key), fromHex(sig), utf8(msg)).then((said) => agree(said, id))
  const cases: { message: string; pub_key: string; signature: string }[] = JSON.parse(
    readFileSync(join(at, 'ed25519/speccheck_cases.json'), 'utf8'),
  )
  for (const [index, { message, pub_key, signature }] of cases.entries())
    yield verdicts(fromHex(pub_key), fromHex(signature), fromHex(message)).then((said) => agree(said, `speccheck ${index}`))
}

/** What node:crypto and WebCrypto say about a signature: `true,true`. A key that is refused signs nothing. */
async function verdicts(
  raw: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const byNode = () => verify(null, message, createPublicKey({ key: Buffer.from(spki(raw)), format: 'der', type: 'spki' }), signature)
  const none = () => false
  return String([
    await Promise.resolve().then(byNode).catch(none),
    await Promise.resolve()
      .then(() => signedBy({ id: '', raw }, signature, message))
      .catch(none),
  ])
}

function* inclusion(at: string): Generator<Answer> {
  for (const { id, leafIdx, treeSize, root, leafHash, proof, wantErr } of lines(at, 'merkle_inclusion.jsonl.gz')) {
    const claim = { leaf: hash(leafHash), index: leafIdx, size: treeSize, root: hash(root) }
    yield verifyInclusion(claim, (proof ?? []).map(hash)).then((holds) => same(String(holds), String(!wantErr), id))
  }
}

function* consistency(at: string): Generator<Answer> {
  for (const { id, size1, size2, root1, root2, proof, wantErr } of lines(at, 'merkle_consistency.jsonl.gz')) {
    const claim = { older: size1, olderRoot: hash(root1), size: size2, root: hash(root2) }
    yield verifyConsistency(claim, (proof ?? []).map(hash)).then((holds) => same(String(holds), String(!wantErr), id))
  }
}

/** The published envelope is signed by ECDSA, which we do not use: its encoding is ours to make, and its signature must fit that. */
function* dsse(at: string): Generator<Answer> {
  const vector = JSON.parse(readFileSync(join(at, 'dsse/vector.json'), 'utf8'))
  const encoded = pae(vector.payloadType, fromBase64(vector.envelope.payload))
  const coordinate = (decimal: string) => Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').toString('base64url')
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: coordinate(vector.x), y: coordinate(vector.y) }, format: 'jwk' })
  yield same(utf8Text(encoded), vector.pae, 'encoding')
  const signed = verify('sha256', encoded, { key, dsaEncoding: 'ieee-p1363' }, fromBase64(vector.envelope.signatures[0].sig))
  yield same(String(signed), 'true', 'signature over the encoding')
}

function lines(at: string, file: string) {
  const text = gunzipSync(readFileSync(join(at, file)))
    .toString('utf8')
    .trimEnd()
  return text.split('\n').map((line) => JSON.parse(line))
}

/** Hex of a hash in base64; what is no base64 stays as it is, and is no hash. */
function hash(text: string): string {
  return Buffer.from(text, 'base64').toString('base64') === text ? Buffer.from(text, 'base64').toString('hex') : text
}

function same(got: string, expected: string, name: string): string | undefined {
  return got === expected ? undefined : `${name}: ${got.slice(0, 80)}, expected ${expected.slice(0, 80)}`
}
