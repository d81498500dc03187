import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionId, TenantId } from '../../call.ts'
import type { Reason } from '../../decision.ts'
import type { JsonObject } from '../../json.ts'
import type { Owner } from '../owner.ts'
import { longestToken } from '../token.ts'
import { keptNumber } from '../kept.ts'
import { memoryVault, type Vault } from '../vault.ts'
import { flowOf, maskEvents, restoreEvents, type StreamShape } from './events.ts'
import { type Golden, golden, heard, isFinal } from './golden.sample.ts'
import { maskSse, restoreSse } from './sse-events.ts'
import { sseReader, sseText } from './sse.ts'
import { restoring } from './treatment.ts'

const owner: Owner = { tenant: 'acme' as TenantId, principal: 'User::u', session: 's1' as SessionId }
const shapes: readonly StreamShape[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-sdk']
const evil = '","admin":true,"x":"'

async function filled(): Promise<Vault> {
  const vault = memoryVault()
  await vault.keep(owner, [
    { kind: 'SSN', value: '123-45-6789' },
    { kind: 'EMAIL', value: 'zoë@x.co' },
    { kind: 'API_KEY', value: evil },
    { kind: 'CREDIT_CARD', value: keptNumber('4111111111111111') },
    { kind: 'PERSON', value: 'Łukasz 👩‍👧 Ó' },
  ])
  return vault
}

const masked: Golden = {
  text: 'Dein <SSN_1> — 日本語 👩‍👧 & <person_1>: < EMAIL_1 >, **<SSN\\_1>**, &lt;SSN_1&gt;. 1 < 2 <',
  other: '{"answer":"<API_KEY_1>","n":"\\u003cSSN_1\\u003e"}',
  reasoning: 'The user is <PERSON_1>, <SSN_1',
  first: '{"note":"<API_KEY_1>","card":"<CREDIT_CARD_1>","inner":"{\\"n\\":\\"<API_KEY_1>\\"}"}',
  second: '{"to":"<EMAIL_1>","who":"\\u003cPERSON_1\\u003e","quote":"\\"<SSN_1>\\""}',
}

const restored: Golden = {
  text: 'Dein 123-45-6789 — 日本語 👩‍👧 & Łukasz 👩‍👧 Ó: zoë@x.co, **123-45-6789**, 123-45-6789. 1 < 2 <',
  other: JSON.stringify({ answer: evil, n: '123-45-6789' }),
  reasoning: 'The user is Łukasz 👩‍👧 Ó, <SSN_1',
  first: `{"note":${JSON.stringify(evil)},"card":4111111111111111,"inner":${JSON.stringify(JSON.stringify({ n: evil }))}}`,
  second: JSON.stringify({ to: 'zoë@x.co', who: 'Łukasz 👩‍👧 Ó', quote: '"123-45-6789"' }),
}

async function through<T, U>(stream: TransformStream<T, U>, chunks: Iterable<T>): Promise<U[]> {
  const out: U[] = []
  for await (const each of ReadableStream.from(chunks).pipeThrough(stream)) out.push(each)
  return out
}

function bytesOf(events: readonly JsonObject[], done = false): Uint8Array {
  const text = events.map((event) =>
    sseText({ ...(typeof event['type'] === 'string' && { event: event['type'] }), data: JSON.stringify(event) }),
  )
  return new TextEncoder().encode(text.join('') + (done ? 'data: [DONE]\n\n' : ''))
}

function eventsOf(chunks: readonly Uint8Array[]): JsonObject[] {
  const reader = sseReader()
  return chunks
    .flatMap((each) => reader.push(each))
    .flatMap((event) => ('comment' in event || event.data === '[DONE]' ? [] : [JSON.parse(event.data) as JsonObject]))
}

/** The stream cut at one byte after the other, into single bytes, and into a few sizes. */
function* cuttings(bytes: Uint8Array, step = 1): Generator<readonly Uint8Array[]> {
  for (let at = 0; at <= bytes.length; at += step) yield [bytes.subarray(0, at), bytes.subarray(at)]
  for (const size of [1, 2, 7, 64])
    yield Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

describe.each(shapes)('a restored stream of %s', (shape) => {
  it.each([1, 2, 3, 5, 11, 1_000])('says what was masked, in pieces of %i, each value written for its place', async (size) => {
    const events = await through(restoreEvents(shape, { vault: await filled(), owner }), golden(shape, masked, size))
    expect(heard(shape, events)).toEqual(restored)
    for (const text of [restored.first, restored.second]) expect(Object.keys(JSON.parse(text) as object)).toHaveLength(3)
  })

  it('tells the same once more in the events that repeat a text whole', async () => {
    const events = await through(restoreEvents(shape, { vault: await filled(), owner }), golden(shape, masked, 4))
    const wholes = golden(shape, restored, 4).filter((event) => /done|completed|stop/.test(String(event['type'])))
    const plain = ({ sequence_number: _, ...event }: JsonObject) => event
    expect(events.filter((event) => /done|completed|stop/.test(String(event['type']))).map(plain)).toEqual(wholes.map(plain))
  })

  it('keeps the order of events, their last, and their numbers without a gap', async () => {
    const before = golden(shape, masked, 4)
    const after = await through(restoreEvents(shape, { vault: await filled(), owner }), before)
    const kinds = (events: readonly JsonObject[]) => events.map(({ type, choices, delta: _ }) => type ?? JSON.stringify(choices).length > 2)
    expect(after.at(-1)?.['type']).toBe(before.at(-1)?.['type'])
    expect(new Set(kinds(after))).toEqual(new Set(kinds(before)))
    if (shape === 'openai-responses') expect(after.map((event) => event['sequence_number'])).toEqual(after.map((_, at) => at))
    const last = after.findIndex((event) => isFinal(shape, event))
    expect(heard(shape, after.slice(last + 1))).toMatchObject({ first: '', second: '' })
  })

  it('is the same for every cut at every byte', { timeout: 120_000 }, async () => {
    const short: Golden = {
      ...masked,
      reasoning: '',
      text: 'é <SSN_1> 👩 &lt;person_1&gt;',
      other: '',
      first: '{"note":"<API_KEY_1>"}',
      second: '',
    }
    const bytes = bytesOf(golden(shape, short, 16), true)
    const expected = {
      ...restored,
      reasoning: '',
      text: 'é 123-45-6789 👩 Łukasz 👩‍👧 Ó',
      other: '',
      first: JSON.stringify({ note: evil }),
      second: '',
    }
    const vault = await filled()
    const whole = eventsOf(await through(restoreSse(shape, { vault, owner }), [bytes]))
    expect(heard(shape, whole)).toEqual(expected)
    // The events of responses tell each text four times: there every third byte.
    for (const chunks of cuttings(bytes, shape === 'openai-responses' ? 3 : 1)) {
      expect(heard(shape, eventsOf(await through(restoreSse(shape, { vault, owner }), chunks)))).toEqual(expected)
    }
  })

  it('never holds back more of a text than the longest token', async () => {
    const vault = await filled()
    const piece = fc.constantFrom(
      '<',
      'SSN',
      '_1',
      '>',
      '&lt;',
      '\\u003c',
      '\\',
      '"',
      ' ',
      'x',
      '<SSN_1>',
      '"<CREDIT_CARD_1>',
      'A'.repeat(31),
      '_',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (pieces, size) => {
        const text = pieces.join('')
        const flow = flowOf(shape, restoring({ vault, owner, unknownToken: 'best_effort' }))
        for (const event of golden(shape, { text, other: text, reasoning: '', first: `{"a":"${text}`, second: '' }, size)) {
          await flow.push(event)
          expect(flow.held()).toBeLessThanOrEqual(longestToken)
        }
        expect(flow.held()).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('lets out nothing unrestored and no half token where it breaks off, wherever that is', async () => {
    const events = golden(shape, { ...masked, reasoning: 'The user is <PERSON_1>.' }, 3)
    const vault = await filled()
    for (let length = 0; length <= events.length; length++) {
      const some = await through(restoreEvents(shape, { vault, owner }), events.slice(0, length))
      const said = heard(shape, some)
      for (const name of ['text', 'other', 'reasoning', 'first', 'second'] as const)
        expect({ ...restored, reasoning: 'The user is Łukasz 👩‍👧 Ó.' }[name].startsWith(said[name])).toBe(true)
      if (!events.slice(0, length).some((event) => isFinal(shape, event)))
        expect(Object.values(said).join(' ')).not.toMatch(/<(?:SSN|EMAIL|PERSON|API)[^>]*$/)
    }
  })

  it('errors with its source, and lets nothing more out', async () => {
    const events = golden(shape, { ...masked, reasoning: '', text: 'ok <SSN_' }, 8)
    const source = new ReadableStream<JsonObject>({
      start(controller) {
        for (const event of events.slice(0, 8)) controller.enqueue(event)
      },
      pull: (controller) => controller.error(new Error('gone')),
    })
    const seen: JsonObject[] = []
    const reading = async () => {
      for await (const each of source.pipeThrough(restoreEvents(shape, { vault: await filled(), owner }))) seen.push(each)
    }
    await expect(reading()).rejects.toThrow('gone')
    expect(JSON.stringify(seen)).not.toContain('<SSN_')
  })

  it('is cut at a token that the session does not know: what came before is out, nothing of it or after it', async () => {
    const text = { ...masked, text: 'fine <SSN_1>, then <SSN_12> and more' }
    const reasons: Reason[] = []
    const bytes = bytesOf(golden(shape, text, 5))
    const out = eventsOf(await through(restoreSse(shape, { vault: await filled(), owner, cut: (reason) => reasons.push(reason) }), [bytes]))
    expect(reasons).toMatchObject([{ code: 'unknown-token' }])
    expect(heard(shape, out.slice(0, -1)).text).toMatch(/^fine 123-45-6789, then ?$/)
    expect(JSON.stringify(out.at(-1))).toContain('unknown-token')
    expect(JSON.stringify(out.slice(0, -1))).not.toMatch(/SSN_12|more/)
    const events = through(restoreEvents(shape, { vault: await filled(), owner }), golden(shape, text, 5))
    await expect(events).rejects.toMatchObject({ code: 'unknown-token' })
    const lenient = await through(
      restoreEvents(shape, { vault: await filled(), owner, unknownToken: 'best_effort' }),
      golden(shape, text, 5),
    )
    expect(heard(shape, lenient).text).toBe('fine 123-45-6789, then <SSN_12> and more')
  })

  it('lets out nothing at all before the end where a sink of high risk asks for that', async () => {
    const events = await through(restoreEvents(shape, { vault: await filled(), owner, hold: 'whole' }), golden(shape, masked, 5))
    expect(heard(shape, events)).toEqual(restored)
    const broken = golden(shape, { ...masked, first: '{"a":"<SSN_99>"}' }, 5)
    const flow = flowOf(shape, restoring({ vault: await filled(), owner, hold: 'whole' }))
    const said: JsonObject[] = []
    const pushing = async () => {
      for (const event of broken) said.push(...(await flow.push(event)))
    }
    await expect(pushing()).rejects.toMatchObject({ code: 'unknown-token' })
    expect(heard(shape, said).first).toBe('')
  })
})

describe.each(shapes)('a masked stream of %s', (shape) => {
  const raw: Golden = {
    text: 'Her SSN is 123-45-6789 — 日本語 👩‍👧, mail zoe@example.com or (555) 123-4567.\nThen <SSN_1> typed, and a card 4111 1111 1111 1111',
    other: '{"answer":"zoe@example.com"}',
    reasoning: 'The card is 4111 1111 1111 1111 and so on, and on, and on, without any more to tell.',
    first: '{"card":4111111111111111,"note":"call (555) 123-4567","inner":"{\\"m\\":\\"zoe@example.com\\"}"}',
    second: '{"password":"hunter7b9","ssn":"123-45-6789"}',
  }

  it.each([1, 4, 1_000])('holds no value, in pieces of %i, and comes back as it was', async (size) => {
    const vault = memoryVault()
    const events = await through(maskEvents(shape, { vault, owner }), golden(shape, raw, size))
    expect(JSON.stringify(events)).not.toMatch(/123-45|4111|zoe@|4567|b9/)
    expect(() => JSON.parse(heard(shape, events).first) as unknown).not.toThrow()
    expect(heard(shape, await through(restoreEvents(shape, { vault, owner }), events))).toEqual(raw)
  })

  it('is the same for every cut of its bytes', { timeout: 120_000 }, async () => {
    const bytes = bytesOf(golden(shape, raw, 14), true)
    const whole = heard(shape, eventsOf(await through(maskSse(shape, { vault: memoryVault(), owner }), [bytes])))
    expect(JSON.stringify(whole)).not.toMatch(/123-45|4111|zoe@/)
    for (const chunks of cuttings(bytes, 97)) {
      expect(heard(shape, eventsOf(await through(maskSse(shape, { vault: memoryVault(), owner }), chunks)))).toEqual(whole)
    }
  })

  it('lets out no beginning of a value where it breaks off', async () => {
    const text = 'the key is sk-ant-api03-aB3dE6gH9jK2mN5pQ8aB3dE6gH9jK2mN5pQ8aB3dE6gH9jK2mN5pQ8 and 123-45-6789'
    const events = golden(shape, { ...raw, text }, 3)
    for (let length = 0; length < events.length; length++) {
      const said = heard(shape, await through(maskEvents(shape, { vault: memoryVault(), owner }), events.slice(0, length))).text
      expect(said).not.toMatch(/sk-|123|aB3/)
    }
  })

  it('lets the tokens of a session stand in what its model says', async () => {
    const said = { ...raw, text: 'You are <SSN_1>', other: '', reasoning: '', first: '', second: '' }
    const mask = (passes: boolean) =>
      through(maskEvents(shape, { vault: memoryVault(), owner, passes: () => passes }), golden(shape, said, 3))
    expect(heard(shape, await mask(true)).text).toBe('You are <SSN_1>')
    expect(heard(shape, await mask(false)).text).toBe('You are <LITERAL_1>')
  })
})

describe('a masked stream', () => {
  it('tells nothing by its log probabilities', async () => {
    const [first] = golden('openai-chat', { text: '', other: '', reasoning: '', first: '', second: '' }, 1)
    const choice = { index: 0, delta: { content: '123-45-6789' }, logprobs: { content: [{ token: '123-45-6789' }] }, finish_reason: 'stop' }
    const out = await through(maskEvents('openai-chat', { vault: memoryVault(), owner }), [{ ...first, choices: [choice] }])
    expect(out).toMatchObject([{ choices: [{ delta: { content: '<SSN_1>' }, logprobs: null, finish_reason: 'stop' }] }])
  })
})

describe('a stream of bytes', () => {
  it('goes on over comments, returns and characters that are cut, and ends with an event that is whole', async () => {
    const event = (content: string) => JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
    const text = `: keep\r\n\r\nid: 7\r\ndata: ${event('é👩 <SS')}\r\n\r\ndata: ${event('N_1>.\u2028')}\n\ndata: [DONE]\r\rdata: {"choices":`
    const bytes = new TextEncoder().encode(text)
    for (const chunks of cuttings(bytes)) {
      const out = Buffer.concat(await through(restoreSse('openai-chat', { vault: await filled(), owner }), chunks)).toString()
      expect(heard('openai-chat', eventsOf([Buffer.from(out)])).text).toBe('é👩 123-45-6789.\u2028')
      expect(out).toMatch(/^:\n\nid: 7\ndata: .*data: \[DONE\]\n\n$/s)
    }
  })

  it('brings halves of characters that are sent as escapes together again', async () => {
    const event = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`
    const bytes = new TextEncoder().encode(`${event('\\ud83d')}${event('\\udc69 <SSN_1>')}data: [DONE]\n\n`)
    expect(heard('openai-chat', eventsOf(await through(restoreSse('openai-chat', { vault: await filled(), owner }), [bytes]))).text).toBe(
      '👩 123-45-6789',
    )
  })

  it('is cut where an event cannot be read', async () => {
    const reasons: Reason[] = []
    const bytes = new TextEncoder().encode('data: {"choices":[\n\ndata: {"choices":[]}\n\n')
    const out = eventsOf(
      await through(restoreSse('openai-chat', { vault: await filled(), owner, cut: (why) => reasons.push(why) }), [bytes]),
    )
    expect(out).toMatchObject([{ error: { code: 'control-failed' } }])
    expect(reasons).toHaveLength(1)
  })
})
