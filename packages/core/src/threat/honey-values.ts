import { createHmac, hkdfSync, randomInt } from 'node:crypto'
import type { HoneyMark, HoneyToken } from './honey-tokens.ts'
import { eachReading } from './reading.ts'
import { atOnce, type Judging, type Steps, stepsWithin } from './steps.ts'

/** Makes the values of honey tokens, and finds them in texts by their marks. */
export interface HoneyValues {
  /** 32 random letters and digits, more than 160 bits, and what they are found by. */
  readonly make: () => { readonly value: string; readonly mark: HoneyMark }
  /** Whether a mark can still be looked for: it was made under this key. */
  readonly knows: (mark: HoneyMark) => boolean
  /**
   * Those of `tokens` whose value stands anywhere in the text, in any case, also under the encodings that detectors see through. Takes time
   * that grows with the text alone.
   */
  readonly finding: <T extends Pick<HoneyToken, 'mark'>>(text: string, tokens: readonly T[], steps: Steps) => Judging<readonly T[]>
  /** `finding`, at once: for a short text. */
  readonly find: <T extends Pick<HoneyToken, 'mark'>>(text: string, tokens: readonly T[]) => readonly T[]
}

const length = 32
/** What one HMAC costs, in steps. */
const digesting = 1_000
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `secret`: 32 bytes or more; keys are derived from it. */
export function honeyValues(secret: Uint8Array): HoneyValues {
  const derived = (label: string) => new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `agentgate/honey-token/${label}`, 32))
  const digestKey = derived('digest')
  const digestOf = (value: string) => createHmac('sha256', digestKey).update(value).digest('hex')
  const key = digestOf('').slice(0, 16)
  // A polynomial over the signs, modulo 2^32, whose odd base is secret: it says nothing of a value to whoever reads the store.
  const base = (new DataView(derived('glance').buffer).getUint32(0) | 1) >>> 0
  let leading = 1
  for (let n = 1; n < length; n++) leading = Math.imul(leading, base)
  const glanceOf = (value: string) => [...value].reduce((sum, sign) => (Math.imul(sum, base) + sign.charCodeAt(0)) | 0, 0)
  const knows = (mark: HoneyMark) => mark.key === key
  return { make, knows, finding, find: (text, tokens) => atOnce(finding(text, tokens, stepsWithin())) }

  function make() {
    const value = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
    return { value, mark: { key, glance: glanceOf(value), digest: digestOf(value) } }
  }

  function* finding<T extends Pick<HoneyToken, 'mark'>>(text: string, tokens: readonly T[], steps: Steps): Judging<readonly T[]> {
    if (text.length < length) return []
    const known = Map.groupBy(
      tokens.filter(({ mark }) => knows(mark)),
      ({ mark }) => mark.glance,
    )
    if (known.size === 0) return []
    const found = new Set<T>()
    for (const reading of eachReading(text)) {
      if (steps.due()) yield
      if (!reading) continue
      for (const place of places(reading.text, known)) {
        const value = reading.text.slice(place, place + length).toLowerCase()
        const glance = known.get(glanceOf(value)) ?? []
        steps.take(digesting)
        const digest = digestOf(value)
        for (const token of glance) if (token.mark.digest === digest) found.add(token)
      }
      steps.take(reading.text.length)
    }
    return [...found]
  }

  /** Where a value may begin: 32 letters and digits in a row of one of these glances. */
  function* places(text: string, glances: ReadonlyMap<number, unknown>): Generator<number> {
    let sum = 0
    let run = 0
    for (let at = 0; at < text.length; at++) {
      const code = lower(text.charCodeAt(at))
      if (code === 0) {
        sum = run = 0
        continue
      }
      if (run === length) sum = (sum - Math.imul(leading, lower(text.charCodeAt(at - length)))) | 0
      else run++
      sum = (Math.imul(sum, base) + code) | 0
      if (run === length && glances.has(sum)) yield at - length + 1
    }
  }
}

/** A digit, or a letter in lower case; 0 for every other sign. */
function lower(code: number): number {
  if (code >= 97 && code <= 122) return code
  if (code >= 48 && code <= 57) return code
  return code >= 65 && code <= 90 ? code + 32 : 0
}
