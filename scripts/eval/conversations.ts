import type { Call, CallId, PrincipalId, SessionId, TenantId, ToolFacts } from '../../packages/core/src/call.ts'
import { patternKinds } from '../../packages/core/src/pii/kinds.ts'
import { pii } from '../../packages/core/src/pii/mask.ts'
import { memoryVault } from '../../packages/core/src/pii/vault.ts'
import { type Evaluated, read } from './pii-rows.ts'

export const sets = ['conversations'] as const

const tenant = 'eval' as TenantId
const principal = { id: 'Agent::eval' as PrincipalId, tenant, roles: [], mfa: false }
const model: ToolFacts = { name: 'model', digest: '', effect: 'execute', boundary: 'external', arguments: {} }

/** How models rewrite tokens: each must come back as the token itself does. */
const spellings: readonly ((token: string) => string)[] = [
  (token) => token.toLowerCase(),
  (token) => token.replace('<', '< ').replace('>', ' >'),
  (token) => token.replace('<', '&lt;').replace('>', '&gt;'),
  (token) => token.replace('<', '\\u003c').replace('>', '\\u003e'),
  (token) => token.replaceAll('_', '\\_'),
  (token) => token.replace('<', '\\<').replaceAll('_', '\\_').replace('>', '\\>'),
]

/**
 * Masks every turn of every conversation in one session: each comes back as it was, whatever was done to its tokens on the way; the
 * same value is the same token in every turn, and no two values share one.
 */
export async function evaluate(folder: string): Promise<Evaluated[]> {
  const counts = { turns: 0, tokens: 0, restored: 0, mangled: 0, values: 0, again: 0, missed: 0, held: 0 }
  let failed = 0
  for (const [index, { turns }] of read(folder, 'conversations').entries()) {
    const room = pii({ vault: memoryVault(), kinds: patternKinds })
    const tokenOf = new Map<string, string>()
    const valueOf = new Map<string, string>()
    let held = true
    const check = (holds: boolean) => {
      held &&= holds
      return holds
    }
    for (const { text } of turns) {
      const call: Call = {
        id: 'c' as CallId,
        tenant,
        principal,
        session: `s${index}` as SessionId,
        tool: model,
        action: 'model',
        resource: '',
        input: { text },
        context: {},
      }
      const { call: masked } = await room.mask(call, { now: 0, earlier: [], signal: new AbortController().signal })
      const said = String(masked.input['text'])
      const restore = async (each: string) => String(await room.restore(each, masked))
      counts.turns++
      if (check((await restore(said)) === text)) counts.restored++
      const tokens = said.match(/<[A-Z]+(?:_[A-Z]+)*_[1-9]\d*>/g) ?? []
      for (const token of tokens) {
        const value = await restore(token)
        counts.tokens++
        if (tokenOf.has(value)) counts.again++
        check((tokenOf.get(value) ?? token) === token && (valueOf.get(token) ?? value) === value)
        tokenOf.set(value, token)
        valueOf.set(token, value)
        for (const spell of spellings) {
          // What a spelling is embedded in may have such a character written otherwise.
          const back = await restore(`a ${spell(token)} b`)
          if (check(back === `a ${value} b` || (/["\\&<>'\n]/.test(value) && !back.includes('_')))) counts.mangled++
        }
      }
      counts.missed += tokens.length > 0 ? [...tokenOf.keys()].filter((value) => value.length >= 9 && said.includes(value)).length : 0
    }
    counts.values += tokenOf.size
    if (held) counts.held++
    else failed++
  }
  return [
    {
      set: 'conversations',
      passed: counts.held,
      failed,
      rows: [
        { what: 'conversations', rows: counts.held + failed, hold: counts.held },
        { what: 'turns that come back as they were', rows: counts.turns, hold: counts.restored },
        { what: `tokens in ${spellings.length} other spellings`, rows: counts.tokens * spellings.length, hold: counts.mangled },
        { what: 'tokens of a value that had one already', rows: counts.again, hold: counts.again },
        // Detection's to answer for, not the tokens': the value was found in one turn and not in another.
        { what: 'values known by then that detection missed', rows: counts.missed, hold: '' },
      ],
      figures: { values: counts.values, tokens: counts.tokens, known_values_missed: counts.missed },
      must: true,
      ok: failed === 0,
    },
  ]
}
