import { applyEdits, createFindEdits, type Edit } from './edits.ts'
import type { CustomRecognizer } from './custom.ts'
import type { Detection } from './detection.ts'
import { keepAll } from './keep-all.ts'
import { readKept } from './kept.ts'
import { inputKind, maskedKinds, recordKind, tokenKinds } from './kinds.ts'
import { namedIn, type NameModel } from './name-model.ts'
import type { Owner } from './owner.ts'
import { restoreJson } from './restore.ts'
import { saidIn, stillIn } from './said-again.ts'
import { readTokens } from './token.ts'
import { inTurns } from './turns.ts'
import type { Vault } from './vault.ts'

/** A token that a text was given, and what stood there: offsets into the original, UTF-16. */
export interface Mapping {
  readonly token: string
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly score: number
}

/** Personal data in texts by themselves, outside of any call: found, masked and restored as `pii` does for calls. */
export interface Redaction {
  readonly redact: (owner: Owner, text: string) => Promise<{ readonly text: string; readonly mappings: readonly Mapping[] }>
  /** The text with the values of its tokens. Rejects with an `UnknownToken` when the session never made one of them. */
  readonly restore: (
    owner: Owner,
    text: string,
  ) => Promise<{ readonly text: string; readonly restored: readonly { readonly kind: string }[] }>
  /** The value behind one token; never a call's whole input or record. */
  readonly reveal: (owner: Owner, token: string) => Promise<{ readonly kind: string; readonly value: string } | undefined>
}

export interface RedactionOptions {
  readonly vault: Vault
  readonly kinds?: readonly string[]
  readonly recognizers?: readonly CustomRecognizer[]
  /** As in `PiiOptions`. */
  readonly retired?: readonly string[]
  readonly nameModel?: NameModel
}

export function redaction({ vault, kinds = maskedKinds, recognizers = [], retired = [], nameModel }: RedactionOptions): Redaction {
  const masked = [...new Set([...kinds, ...recognizers.map(({ kind }) => kind)])]
  const known = tokenKinds([...masked, ...retired])
  const find = createFindEdits({ tokenKinds: known, kinds: masked, recognizers })

  return {
    async redact(owner, text) {
      const named = nameModel && (await namedIn(nameModel, text, () => false, AbortSignal.timeout(10_000)))
      const first = await inTurns(find(text, '', undefined, true, named?.get(text)))
      const said = await inTurns(stillIn(text, first.edits, saidIn(first.edits)))
      const { edits, found } = said.size === 0 ? first : await inTurns(find(text, '', undefined, true, named?.get(text), said))
      const tokens = await keepAll(vault, owner, edits)
      const scores = scoresOf(edits, found)
      const mappings = edits.map(({ kind, start, end }, index) => ({
        token: tokens[index] ?? '',
        kind,
        start,
        end,
        score: scores[index] ?? 1,
      }))
      return { text: applyEdits(text, edits, tokens), mappings }
    },
    async restore(owner, text) {
      const restored = await restoreJson(text, owner, { vault, tokenKinds: known, unknownToken: 'fail_closed' })
      return { text: String(restored), restored: readTokens(text, known).filter(({ kind }) => kind !== inputKind) }
    },
    async reveal(owner, token) {
      const [read] = readTokens(token, known)
      if (read?.token !== token || read.kind === inputKind || read.kind === recordKind) return undefined
      const [value] = await vault.recall(owner, [token])
      return value === undefined ? undefined : { kind: read.kind, value: readKept(value).text }
    },
  }
}

/** How sure it is of each edit: a token that somebody typed is one for certain. Both are apart and in reading order. */
function scoresOf(edits: readonly Edit[], found: readonly Detection[]): readonly number[] {
  let next = 0
  return edits.map(({ start, end }) => {
    while ((found[next]?.end ?? Infinity) <= start) next++
    let score = 0
    for (let at = next; (found[at]?.start ?? Infinity) < end; at++) score = Math.max(score, found[at]?.score ?? 0)
    return score || 1
  })
}
