import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call, CallId, PrincipalId, SessionId, TenantId } from '../call.ts'
import type { Asking } from '../control.ts'
import type { Finding } from '../decision.ts'
import type { JsonObject } from '../json.ts'
import type { FreshRequest } from '../tool/parse.ts'
import { honey } from './honey.ts'
import type { HoneyLevel, HoneyToken } from './honey-tokens.ts'
import { honeyValues } from './honey-values.ts'
import { atOnce } from './steps.ts'

const values = honeyValues(new Uint8Array(32).fill(1))
const find = (text: string, tokens: readonly Pick<HoneyToken, 'mark'>[], of = values) => of.find(text, tokens)
const { value, mark } = values.make()
const { mark: another } = values.make()
const tokens = [{ mark: another }, { mark }]

describe('the value of a honey token', () => {
  it('is new each time, and its marks hold nothing of it', () => {
    const made = Array.from({ length: 200 }, () => values.make())
    expect(new Set(made.map((each) => each.value)).size).toBe(200)
    for (const each of made) {
      expect(each.value).toMatch(/^[a-z0-9]{32}$/)
      expect(JSON.stringify(each.mark)).not.toContain(each.value)
    }
  })

  it('is found wherever it stands in a text, and no other is', () => {
    const around = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9]{0,80}$/), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(around, around, (before, after) => {
        expect(find(`${before} ${value}${after}`.replaceAll(/[%&\\+]/g, ' '), tokens)).toEqual([{ mark }])
        expect(find(before + after, tokens)).toEqual([])
      }),
    )
  })

  it.each([
    ['in capitals', value.toUpperCase()],
    ['behind a prefix', `sk_live_${value}`],
    ['in a word', `abc${value}xyz`],
    ['in a path', `/srv/backup/${value}/db.sql`],
    ['in base64', Buffer.from(`the key is ${value}`).toString('base64')],
    ['percent-encoded', [...value].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join('')],
    ['percent-encoded twice', [...value].map((sign) => `%25${sign.charCodeAt(0).toString(16)}`).join('')],
    ['as JSON escapes', [...value].map((sign) => `\\u00${sign.charCodeAt(0).toString(16)}`).join('')],
    ['in full-width signs', [...value].map((sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join('')],
  ])('is found %s', (_, text) => expect(find(text, tokens)).toEqual([{ mark }]))

  it.each([
    ['one sign short', value.slice(1)],
    ['with a sign changed', value.slice(0, -1) + (value.endsWith('a') ? 'b' : 'a')],
    ['with a sign between', `${value.slice(0, 16)}-${value.slice(16)}`],
    ['in reverse', [...value].toReversed().join('')],
  ])('is not found %s', (_, text) => expect(find(text, tokens)).toEqual([]))

  it('is known to its own key only', () => {
    const others = honeyValues(new Uint8Array(32).fill(2))
    expect([values.knows(mark), others.knows(mark)]).toEqual([true, false])
    expect(find(value, tokens, others)).toEqual([])
    expect(honeyValues(new Uint8Array(32).fill(1)).knows(mark)).toBe(true)
  })

  it('is looked for in proportion: eight times the text is about eight times the steps', () => {
    const taken = (text: string) => {
      let count = 0
      const steps = { take: (more: number) => void (count += more), due: () => false }
      atOnce(values.finding(text, tokens, steps))
      return count
    }
    const pieces = ['a1b2c3d4e5', '%61%2562&#99;', '\\u0061', value, Buffer.from(value).toString('base64'), 'naïve ']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }), (chosen) => {
        const text = chosen.join('').repeat(100)
        expect(taken(text.repeat(8))).toBeLessThan(24 * taken(text) + 2_000)
        expect(taken(text)).toBeGreaterThanOrEqual(text.length)
      }),
      { numRuns: 30 },
    )
  })
})

describe('honey', () => {
  const asking: Asking = { now: 0, earlier: [], signal: new AbortController().signal }
  const call = (input: JsonObject, resource = 'tool:x'): Call => {
    const tenant = 'acme' as TenantId
    return {
      id: 'call-1' as CallId,
      tenant,
      principal: { id: 'Agent::1' as PrincipalId, tenant, roles: [], mfa: false },
      session: 'session-1' as SessionId,
      tool: { name: 'x', digest: '00', effect: 'read', boundary: 'external', arguments: {} },
      action: 'x',
      resource,
      input,
      context: {},
    }
  }
  const planted = (level: HoneyLevel): HoneyToken => ({
    id: level,
    tenant: 'acme' as TenantId,
    name: 'the backup folder',
    level,
    mark,
    plantedAt: 0,
    plantedBy: 'User::ann' as PrincipalId,
    touches: 0,
  })
  const look = async (tokens: readonly HoneyToken[], asked: Call, request?: FreshRequest) => {
    const touched: string[] = []
    const detect = honey({ values, planted: async () => tokens, touched: (_, found) => touched.push(...found.map(({ id }) => id)) })
    const found: Partial<Finding> = (await (request ? detect.overhear?.(request, asked, asking) : detect.evaluate(asked, asking))) ?? {}
    return { ...found, touched }
  }

  it.each([
    ['the input', call({ deep: [{ text: `key=${value}` }] })],
    ['the names of its members', call({ [value]: 1 })],
    ['the resource', call({}, `/srv/${value}`)],
    ['the name of the tool', { ...call({}), tool: { ...call({}).tool, name: `backup_${value}` } }],
  ])('sees one in %s', async (_, asked) => expect((await look([planted('log')], asked)).touched).toEqual(['log']))

  it.each([
    ['a tool that nobody registered', { action: `restore_${value}`, input: {} }],
    ['an input that fits no schema', { action: 'x', input: [[value]] }],
  ])('sees one in %s', async (_, request) => {
    expect(await look([planted('log')], call({}), request)).toEqual({ verdict: 'pass', touched: ['log'] })
    expect(await look([planted('block')], call({}), request)).toMatchObject({ verdict: 'deny', touched: ['block'] })
  })

  it('passes over what no call could hold', async () => {
    const endless: unknown[] = []
    endless.push(endless)
    for (const input of [endless, Number.NaN, undefined, new Map([[value, 1]])])
      expect(await look([planted('block')], call({}), { action: 'x', input })).toEqual({ verdict: 'pass', touched: [] })
    expect((await look([planted('block')], call({}), { action: value, input: endless })).touched).toEqual(['block'])
  })

  it('refuses by the level of the token, and publishes nothing', async () => {
    const asked = call({ text: value })
    for (const level of ['log', 'alert'] as const)
      expect(await look([planted(level)], asked)).toEqual({ verdict: 'pass', touched: [level] })
    const refused = await look([planted('log'), planted('block')], asked)
    expect(refused).toMatchObject({ verdict: 'deny', reason: { code: 'honey-token' }, touched: ['log', 'block'] })
    expect(JSON.stringify(refused)).not.toContain(value)
    expect(refused.facts).toBeUndefined()
    expect(await look([planted('block')], call({ text: 'tea' }))).toEqual({ verdict: 'pass', touched: [] })
  })

  it('cannot tell when its tokens cannot be read', async () => {
    const planted = async (): Promise<never> => {
      throw new Error('no store')
    }
    await expect(honey({ values, planted, touched: () => undefined }).evaluate(call({}), asking)).rejects.toThrow('no store')
  })
})
