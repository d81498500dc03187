import type { MaskedCall, PrincipalId } from '../call.ts'
import { type Control, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import { covers, type GrantOnFile, type GrantRefusal, refusedUnder } from './grant.ts'
import type { Grants, Holding } from './grants.ts'

/** The most that a person can do about it comes first. */
const tellingFirst = ['grant-exceeded', 'grant-expired', 'grant-revoked', 'grant-unknown'] as const satisfies readonly GrantRefusal[]

const said: { readonly [code in GrantRefusal]: string } = {
  'grant-exceeded': 'no grant that it holds covers this action on this resource',
  'grant-expired': 'every grant that it held is over, or one that it was handed on from',
  'grant-revoked': 'what it held was revoked, or a grant that it was handed on from',
  'grant-unknown': 'the grant that it holds was never signed, or does not go back to one that somebody was handed as the first',
}

/**
 * Refuses a call that no grant covers, of who was ever handed one: the agent, and the person it acts for, each by its own. Whoever
 * holds none, and never did, is bound by the policies alone. The fact
 * `grants` names the one that covers the call, of each of them.
 */
export function lineage({ grants }: { readonly grants: Pick<Grants, 'held' | 'chain'> }): Control {
  return {
    name: 'lineage',
    stage: 'evaluate',
    async evaluate(call, { now }): Promise<Finding> {
      const bound = await grants.held(call.tenant, askers(call), now)
      const under: (readonly GrantOnFile[])[] = []
      for (const holding of bound) {
        const found = await covering(call, holding, now)
        if ('refused' in found) {
          return refusal(
            found.refused,
            `\`${holding.holder}\` acts under grants only, and ${said[found.refused]}: ask who issued it for another.`,
          )
        }
        under.push(found.chain)
      }
      if (bound.length === 0) return { verdict: 'pass' }
      const facts = { grants: under.flatMap(([own]) => own?.id ?? []) }
      const owed = under.flat().filter(({ obligations }) => obligations?.includes('approval'))
      if (owed.length === 0 || call.context['approval'] !== undefined) return { verdict: 'pass', facts }
      return {
        verdict: 'hold',
        facts,
        reason: { code: 'approval-required', message: 'The call runs under a grant that lets a person approve each call.' },
        obligations: owed.map(({ id }) => ({ name: 'approval', value: 'any', policy: `grant/${id}` })),
      }
    },
  }

  /** The first chain that covers the call, one without a duty first; or why none does. */
  async function covering(
    call: MaskedCall,
    { holder, standing, revoked }: Holding,
    now: number,
  ): Promise<{ readonly chain: readonly GrantOnFile[] } | { readonly refused: GrantRefusal }> {
    const refused: GrantRefusal[] = []
    let chain: readonly GrantOnFile[] | undefined
    for (const own of standing) {
      if (!covers(own, call)) {
        refused.push('grant-exceeded')
        continue
      }
      const links = own.parent === undefined ? [own] : await grants.chain(call.tenant, own.id)
      const why = refusedUnder(links, holder, call, now)
      if (why !== undefined) refused.push(why)
      else if (links.every(({ obligations = [] }) => obligations.length === 0)) return { chain: links }
      else chain ??= links
    }
    return chain
      ? { chain }
      : { refused: tellingFirst.find((code) => refused.includes(code)) ?? (revoked ? 'grant-revoked' : 'grant-expired') }
  }
}

/** Whose grants a call needs: the agent's, and those of the person it acts for. */
export function askers({ principal: { id, onBehalfOf } }: Pick<MaskedCall, 'principal'>): readonly PrincipalId[] {
  return onBehalfOf === undefined ? [id] : [id, onBehalfOf]
}
