import {
  type Destroyed,
  type Detection,
  detectInTurns,
  maskedKinds,
  type Mapping,
  type NameModel,
  type Principal,
  redaction,
  type SessionId,
  type TenantId,
  type Vault,
} from '@agentgate/core'
import { type Detecting, detectOfTenant, type Recognizing } from './masking.ts'
import { ownerOf } from './owner.ts'

/** Personal data in texts, outside of any call: the same detectors, tokens and vault that calls use. */
export interface Personal {
  /** By the detectors of the product and those of the tenant. */
  readonly detect: Detecting
  /** As `detect`, for a long text. Throws a `TypeError` or `RangeError` for a kind that nothing finds. */
  readonly detectFor: (
    tenant: TenantId,
    text: string,
    options: { readonly kinds?: readonly string[]; readonly minScore?: number },
  ) => Promise<readonly Detection[]>
  /** The text with each piece of personal data as `<KIND>`: nothing brings it back. */
  readonly hidden: (tenant: TenantId, text: string) => Promise<string>
  readonly redact: (
    principal: Principal,
    session: string,
    text: string,
  ) => Promise<{ readonly text: string; readonly mappings: readonly Mapping[] }>
  /** Rejects when the text holds a token that the session never made. */
  readonly restore: (
    principal: Principal,
    session: string,
    text: string,
  ) => Promise<{ readonly text: string; readonly restored: readonly { readonly kind: string }[] }>
  readonly reveal: (
    principal: Principal,
    session: string,
    token: string,
  ) => Promise<{ readonly kind: string; readonly value: string } | undefined>
  readonly forget: (principal: Principal, session: string) => Promise<Destroyed>
}

export function createPersonal({
  vault,
  recognized,
  nameModel,
}: {
  readonly vault: Vault
  readonly recognized: Recognizing['recognized']
  readonly nameModel?: NameModel
}): Personal {
  const detect = detectOfTenant({ recognized }, maskedKinds)
  const of = async (principal: Principal) => redaction({ vault, ...(await recognized(principal.tenant)), ...(nameModel && { nameModel }) })

  return {
    detect,
    async detectFor(tenant, text, { kinds, minScore }) {
      const { recognizers: own } = await recognized(tenant)
      const wanted = kinds ?? [...maskedKinds, ...own.map(({ kind }) => kind)]
      return detectInTurns(text, { kinds: wanted, recognizers: own, ...(minScore !== undefined && { minScore }) })
    },
    async hidden(tenant, text) {
      const parts = (await detect(tenant, text)).toSorted((one, other) => one.start - other.start)
      let from = 0
      const kept = parts.map(({ kind, start, end }) => {
        const before = text.slice(from, start)
        from = Math.max(from, end)
        return `${before}<${kind}>`
      })
      return kept.join('') + text.slice(from)
    },
    redact: async (principal, session, text) => (await of(principal)).redact(ownOf(principal, session), text),
    restore: async (principal, session, text) => (await of(principal)).restore(ownOf(principal, session), text),
    reveal: async (principal, session, token) => (await of(principal)).reveal(ownOf(principal, session), token),
    forget: (principal, session) => vault.forget(ownOf(principal, session)),
  }
}

function ownOf(principal: Principal, session: string) {
  return ownerOf({ tenant: principal.tenant, principal, session: session as SessionId })
}
