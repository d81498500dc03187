import { fromBase64, utf8Text } from './bytes.ts'
import { parseCanonical } from './canonical.ts'
import { aCount, aDigest, aText, either, exactly, listOf, mapOf, nothing, oneOf, type Shape } from './shape.ts'

/** The media type of `.agentgate.json` files. */
export const bundleType = 'application/vnd.agentgate.bundle+json'
export const bundleFormat = 'agentgate-evidence/1'

/** The most bytes of a bundle that a verifier reads. */
export const bundleLimit = 64 << 20

const aPlace = { index: aCount, proof: listOf(aText) }
const aConclusion = exactly({ ...aPlace, body: aText, opened: aText })

export type BundleConclusion = typeof aConclusion extends Shape<infer T> ? T : never

const isBundle = exactly({
  format: oneOf(bundleFormat),
  envelope: aText,
  inclusion: exactly(aPlace),
  checkpoint: aText,
  opened: aText,
  outcome: either(aConclusion, nothing),
  amendment: either(aConclusion, nothing),
  policies: listOf(exactly({ digest: aDigest, text: aText })),
  theorem: either(aText, nothing),
  keys: listOf(exactly({ keyid: aDigest, x: aText })),
})

/**
 * The evidence of one decision, to be checked without us. Texts of artefacts are base64 of their exact bytes: the envelope
 * (the decision's leaf), the signed checkpoint, `opened` (canonical `{fact: {salt, value}}` with the value's canonical
 * form in base64), policy texts, the theorem, and the leaves of the outcome and of an amendment. `proof` holds hashes in
 * base64. `keys` are hints only.
 */
export type Bundle = typeof isBundle extends Shape<infer T> ? T : never

/** Reads a bundle that is in canonical form and has no unknown member. Throws for anything else; verifies nothing. */
export function parseBundle(text: string): Bundle {
  const value = parseCanonical(text)
  if (!isBundle(value)) throw new TypeError(`Not an evidence bundle of the format \`${bundleFormat}\`, or one with unknown members.`)
  return value
}

const areOpened = mapOf(exactly({ salt: aDigest, value: aText }))

/** Salts and canonical values (base64) by fact. Throws unless `artefact` is base64 of their canonical form. */
export function parseOpened(artefact: string): { readonly [fact: string]: { readonly salt: string; readonly value: string } } {
  const value = parseCanonical(utf8Text(fromBase64(artefact)))
  if (!areOpened(value)) throw new TypeError('Not facts with their salts.')
  return value
}
