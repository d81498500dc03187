import type { Principal } from '@agentgate/core'
import { ownerOf } from './owner.ts'
import { textIn } from './text-in.ts'
import {
  type Call,
  type CallId,
  createDetector,
  type Destroyed,
  type Detection,
  inputKind,
  type Mask,
  maskedKinds,
  type MaskedCall,
  type Owner,
  readTokens,
  type SessionId,
  tokenKinds,
  type Vault,
} from '@agentgate/core'

/** A token that a text was given, and what stood there: offsets into the original, UTF-16. */
export interface Mapping {
  readonly token: string
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly score: number
}

/** Personal data in texts, outside of any call: the same detectors, tokens and vault that calls use. */
export interface Personal {
  readonly detect: (text: string, options?: { readonly kinds?: readonly string[]; readonly minScore?: number }) => readonly Detection[]
  /** The kind of personal data that a literal as a whole is, if it is one. */
  readonly kindOf: (literal: string) => string | undefined
  /** The text with each piece of personal data as `<KIND>`: nothing brings it back. */
  readonly hidden: (text: string) => string
  readonly redact: (
    principal: Principal,
    session: string,
    text: string,
  ) => Promise<{ readonly text: string; readonly mappings: readonly Mapping[] }>
  /** Rejects when the text holds a token that the session never made. */
  readonly restore: (principal: Principal, session: string, text: string) => Promise<{ readonly text: string; readonly count: number }>
  readonly reveal: (principal: Principal, session: string, token: string) => Promise<string | undefined>
  readonly forget: (principal: Principal, session: string) => Promise<Destroyed>
}

export function createPersonal({ mask, vault }: { readonly mask: Mask; readonly vault: Vault }): Personal {
  const usual = createDetector({ kinds: maskedKinds })
  const kinds = tokenKinds()
  return {
    detect: (text, options) => (options ? createDetector({ kinds: maskedKinds, ...options })(text) : usual(text)),
    kindOf: (literal) => usual(literal).find(({ start, end }) => start === 0 && end === literal.length)?.kind,
    hidden(text) {
      const parts = usual(text).toSorted((one, other) => one.start - other.start)
      let from = 0
      const kept = parts.map(({ kind, start, end }) => {
        const before = text.slice(from, start)
        from = Math.max(from, end)
        return `${before}<${kind}>`
      })
      return kept.join('') + text.slice(from)
    },
    async redact(principal, session, text) {
      const owner = ownOf(principal, session)
      const found = usual(text)
      const tokens = await vault.keep(
        owner,
        found.map(({ kind, start, end }) => ({ kind, value: text.slice(start, end) })),
      )
      const call = callWith(principal, session, text)
      const { call: masked } = await mask.mask(call, { now: 0, earlier: [], signal: AbortSignal.timeout(10_000) })
      const mappings = found.map(({ kind, start, end, score }, index) => ({ token: tokens[index] ?? '', kind, start, end, score }))
      return { text: textIn(masked.input, 'text'), mappings }
    },
    async restore(principal, session, text) {
      // INVARIANT: restoring reads whose session it is from the call, and nothing else of it.
      const restored = await mask.restore(text, callWith(principal, session, '') as MaskedCall)
      return { text: restored, count: readTokens(text, kinds).filter(({ kind }) => kind !== inputKind).length }
    },
    reveal: async (principal, session, token) => (await vault.recall(ownOf(principal, session), [token]))[0],
    forget: (principal, session) => vault.forget(ownOf(principal, session)),
  }
}

function ownOf(principal: Principal, session: string): Owner {
  return ownerOf({ tenant: principal.tenant, principal, session: session as SessionId })
}

/** A text as the call that it would be: nothing governs or records it. */
function callWith(principal: Principal, session: string, text: string): Call {
  return {
    id: 'text' as CallId,
    tenant: principal.tenant,
    principal,
    session: session as SessionId,
    tool: { name: 'text', digest: '', effect: 'read', boundary: 'external', arguments: { text: 'prose' } },
    action: 'text',
    resource: '',
    input: { text },
    context: {},
  }
}
