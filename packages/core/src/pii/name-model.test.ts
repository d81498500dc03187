import { describe, expect, it } from 'vitest'
import type { Call, CallId, PrincipalId, SessionId, TenantId } from '../call.ts'
import type { JsonObject } from '../json.ts'
import { pii } from './mask.ts'
import { maxModelText, type NameModel } from './name-model.ts'
import { memoryVault } from './vault.ts'

const tenant = 'acme' as TenantId
const callOf = (input: JsonObject): Call => ({
  id: 'c' as CallId,
  tenant,
  principal: { id: 'Agent::a' as PrincipalId, tenant, roles: [], mfa: false },
  session: 's' as SessionId,
  tool: { name: 't', digest: '', effect: 'execute', boundary: 'external', arguments: { where: 'path' } },
  action: 't',
  resource: '',
  input,
  context: {},
})
const asking = { now: 0, earlier: [], signal: new AbortController().signal }

/** Knows one name that no list has. */
const model = (asked: string[] = []): NameModel => ({
  name: 'one-name',
  find: async (texts) =>
    texts.map((text) => {
      asked.push(text)
      const start = text.indexOf('qixquux')
      return start < 0 ? [] : [{ kind: 'PERSON', start, end: start + 7, score: 0.9, recognizer: 'one-name' }]
    }),
})

describe('a model that names people', () => {
  it('has masked what no list knows, in what a call says and in what it gets, and restored for its owner', async () => {
    const asked: string[] = []
    const room = pii({ vault: memoryVault(), nameModel: model(asked) })
    const { call } = await room.mask(callOf({ text: 'ask qixquux', deep: [{ note: 'of qixquux' }], where: '/qixquux', n: 5 }), asking)
    expect(call.input).toEqual({ text: 'ask <PERSON_1>', deep: [{ note: 'of <PERSON_1>' }], where: '/qixquux', n: 5 })
    expect(asked).toEqual(['ask qixquux', 'of qixquux'])
    expect(await room.output('so says qixquux', call)).toBe('so says <PERSON_1>')
    expect(await room.restore('so says <PERSON_1>', call)).toBe('so says qixquux')
  })

  it('denies by what it cannot tell: when it fails, answers something else, or is asked about too much', async () => {
    const bad: NameModel['find'][] = [
      () => Promise.reject(new Error('no such model')),
      async () => [],
      async (texts) => texts.map((text) => [{ kind: 'PERSON', start: 0, end: text.length + 1, score: 1, recognizer: 'm' }]),
      async (texts) => texts.map(() => [{ kind: 'SSN', start: 0, end: 1, score: 1, recognizer: 'm' }]),
    ]
    for (const find of bad) {
      const room = pii({ vault: memoryVault(), nameModel: { name: 'm', find } })
      await expect(room.mask(callOf({ text: 'hello there' }), asking)).rejects.toThrow()
    }
    const room = pii({ vault: memoryVault(), nameModel: model() })
    await expect(room.mask(callOf({ text: 'ab '.repeat(maxModelText / 3 + 1) }), asking)).rejects.toThrow('at most')
  })
})
