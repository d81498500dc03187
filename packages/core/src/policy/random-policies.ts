import fc from 'fast-check'
import { quote } from './cedar-text.ts'
import type { CedarRequest } from './facts.ts'

/** Random policies and requests over a small world, so that names meet; mostly well typed, so that evaluation gets deep. */
const { bool, any } = fc.letrec((tie) => {
  const of = (...names: string[]) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.oneof(...names.map((name) => tie(name) as fc.Arbitrary<string>)) },
      { weight: 1, arbitrary: tie('any') as fc.Arbitrary<string> },
    )
  const text = fc.constantFrom('', 'a', 'b', 'ab', 'a*b', 'é𝒳', '"', '\\', '10.0.0.0/8')
  const two = (a: fc.Arbitrary<string>, b: fc.Arbitrary<string>, join: (a: string, b: string) => string) =>
    fc.tuple(a, b).map(([x, y]) => join(x, y))
  const infix = (kind: fc.Arbitrary<string>, ...operators: string[]) =>
    fc.tuple(kind, fc.constantFrom(...operators), kind).map(([a, o, b]) => `(${a} ${o} ${b})`)
  const name = fc.constantFrom('x', 'y', 'z')
  const small = { maxDepth: 4, depthSize: 'small' as const }
  const entity = fc.constantFrom(
    'principal',
    'resource',
    'action',
    'User::"a"',
    'User::"b"',
    'Team::"t"',
    'Team::"s"',
    'Nobody::"n"',
    'principal.boss',
    'context.who',
  )
  const pattern = fc.constantFrom('*', 'a*', '*b', 'a*b', '\\**', '*é*', '', 'a**b', '*a*b*').map((each) => `"${each}"`)
  const ips = [
    '10.0.0.1',
    '10.0.0.0/8',
    '127.0.0.1',
    '127.0.0.1/8',
    '127.0.0.0/4',
    '::1',
    '::1/64',
    'ff00::/8',
    'ff02::1',
    '224.0.0.1/3',
    '224.0.0.0/4',
    '::ffff:1.2.3.4',
    '1.2.3',
    '01.2.3.4',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '10.0.0.0/08',
    '1::2::3',
  ]
  const decimals = [
    '1.0',
    '1.00',
    '-1.5',
    '0.0001',
    '0.00001',
    '922337203685477.5807',
    '922337203685477.5808',
    '-922337203685477.5808',
    '1',
    '.5',
    '1.',
  ]
  const dates = [
    '2024-01-01',
    '2024-02-29',
    '2023-02-29',
    '2024-01-01T00:00:00Z',
    '2024-01-01T00:00:00.001Z',
    '1969-12-31T23:59:59.999Z',
    '0000-01-01',
    '2024-01-01T01:00:00+0100',
    '2024-01-01T24:00:00Z',
    '2024-1-1',
  ]
  const durations = [
    '1d',
    '-1d',
    '1d2h3m4s5ms',
    '1ms',
    '0ms',
    '-0ms',
    '',
    '-',
    '1h1d',
    '9223372036854775807ms',
    '9223372036854775808ms',
    '-9223372036854775808ms',
    '106751991168d',
  ]
  const extension = (fn: string, texts: readonly string[]) =>
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...texts).map((each) => `${fn}(${quote(each)})`) },
      { weight: 1, arbitrary: (tie('string') as fc.Arbitrary<string>).map((each) => `${fn}(${each})`) },
    )
  return {
    any: fc.oneof(
      small,
      ...['bool', 'long', 'string', 'entity', 'set', 'record', 'ip', 'decimal', 'datetime', 'duration'].map((each) => tie(each)),
    ) as fc.Arbitrary<string>,
    bool: fc.oneof(
      small,
      fc.constantFrom('true', 'false', 'context.flag', 'principal.flag'),
      infix(of('long'), '<', '<=', '>', '>=', '==', '!='),
      infix(of('bool'), '&&', '||'),
      infix(tie('any') as fc.Arbitrary<string>, '==', '!='),
      infix(of('datetime'), '<', '<=', '>', '>=', '=='),
      infix(of('duration'), '<', '>=', '=='),
      of('bool').map((each) => `(!(${each}))`),
      two(of('entity'), of('entity', 'set'), (a, b) => `(${a} in ${b})`),
      two(of('entity'), fc.constantFrom('User', 'Team', 'Doc'), (a, b) => `(${a} is ${b})`),
      two(of('entity'), of('entity'), (a, b) => `(${a} is User in ${b})`),
      two(of('string'), pattern, (a, b) => `(${a} like ${b})`),
      fc.tuple(of('set'), fc.constantFrom('containsAll', 'containsAny'), of('set')).map(([a, f, b]) => `${a}.${f}(${b})`),
      two(of('set'), tie('any') as fc.Arbitrary<string>, (a, b) => `${a}.contains(${b})`),
      of('set').map((each) => `${each}.isEmpty()`),
      two(of('entity', 'record'), fc.constantFrom('x', 'y', 'z', 'x.y', 'rec.x', 'boss.rec.y', '"a b"'), (a, b) => `(${a} has ${b})`),
      two(of('entity'), of('string'), (a, b) => `${a}.hasTag(${b})`),
      fc.tuple(of('ip'), fc.constantFrom('isIpv4', 'isIpv6', 'isLoopback', 'isMulticast')).map(([a, f]) => `${a}.${f}()`),
      two(of('ip'), of('ip'), (a, b) => `${a}.isInRange(${b})`),
      fc
        .tuple(of('decimal'), fc.constantFrom('lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'), of('decimal'))
        .map(([a, f, b]) => `${a}.${f}(${b})`),
      fc.tuple(of('bool'), of('bool'), of('bool')).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    ),
    long: fc.oneof(
      small,
      fc.constantFrom(
        '0',
        '1',
        '(-1)',
        '7',
        '9223372036854775807',
        '(-9223372036854775808)',
        '9007199254740993',
        '4611686018427387904',
        '3037000500',
        'context.n',
        'context.rec.x',
      ),
      infix(of('long'), '+', '-', '*'),
      of('long').map((each) => `(-${each})`),
      fc
        .tuple(of('duration'), fc.constantFrom('toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'))
        .map(([a, f]) => `${a}.${f}()`),
    ),
    string: fc.oneof(
      small,
      text.map(quote),
      fc.constantFrom('context.s', 'principal.s', 'context["a b"]'),
      two(of('entity'), of('string'), (a, b) => `${a}.getTag(${b})`),
    ),
    entity: fc.oneof(small, entity),
    set: fc.oneof(
      small,
      fc.constantFrom('context.set', 'principal.set'),
      fc.array(tie('any') as fc.Arbitrary<string>, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
      fc.array(entity, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    ),
    record: fc.oneof(
      small,
      fc.constantFrom('context', 'context.rec', 'principal.rec'),
      fc
        .uniqueArray(name, { maxLength: 3 })
        .chain((names) =>
          fc
            .tuple(...names.map(() => tie('any') as fc.Arbitrary<string>))
            .map((values) => `{${names.map((each, index) => `${each}: ${values[index]}`).join(', ')}}`),
        ),
    ),
    ip: fc.oneof(small, extension('ip', ips), fc.constant('context.ip')),
    decimal: fc.oneof(small, extension('decimal', decimals)),
    datetime: fc.oneof(
      small,
      extension('datetime', dates),
      of('datetime').map((each) => `${each}.toDate()`),
      two(of('datetime'), of('duration'), (a, b) => `${a}.offset(${b})`),
    ),
    duration: fc.oneof(
      small,
      extension('duration', durations),
      of('datetime').map((each) => `${each}.toTime()`),
      two(of('datetime'), of('datetime'), (a, b) => `${a}.durationSince(${b})`),
    ),
  } satisfies Record<string, fc.Arbitrary<string>>
}) as { bool: fc.Arbitrary<string>; any: fc.Arbitrary<string> }

const refs = ['User::"a"', 'User::"b"', 'Team::"t"', 'Team::"s"', 'Doc::"d"']
const who = fc.constantFrom(
  '',
  '',
  ...refs.map((ref) => ` == ${ref}`),
  ...refs.map((ref) => ` in ${ref}`),
  ' is User',
  ' is Doc',
  ' is User in Team::"t"',
)
const what = fc.constantFrom(
  '',
  '',
  ' == Action::"read"',
  ' == Action::"write"',
  ' in Action::"any"',
  ' in [Action::"read", Action::"write"]',
  ' in [Action::"any", Action::"read"]',
  ' in []',
)
const group = fc.constantFrom(
  'User::"b"',
  'Team::"t"',
  'Team::"s"',
  'Action::"any"',
  '[Team::"t", User::"a"]',
  '[Action::"any", Team::"s"]',
  '[]',
)
const membership = fc.tuple(fc.constantFrom('principal', 'action', 'resource'), group).map(([variable, above]) => `${variable} in ${above}`)
/** What asks first who is in what: the index looks at that. */
const leading = fc
  .tuple(fc.array(membership, { minLength: 1, maxLength: 3 }), fc.constantFrom('&&', '||'), bool)
  .map(([tests, operator, rest]) => `(${tests.join(' || ')}) ${operator} ${rest}`)
const body = fc.oneof({ weight: 6, arbitrary: bool }, { weight: 3, arbitrary: leading }, { weight: 1, arbitrary: any })
const clause = fc.tuple(fc.constantFrom('when', 'unless'), body).map(([kind, text]) => ` ${kind} { ${text} }`)
/** The text of one policy. */
export const randomPolicy: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('permit', 'permit', 'forbid'), who, what, who, fc.array(clause, { maxLength: 2 }))
  .map(([effect, p, a, r, clauses]) => `${effect} (principal${p}, action${a}, resource${r})${clauses.join('')};`)

const leaf = fc.constantFrom<CedarRequest['context'][string]>(
  0,
  1,
  -1,
  7,
  true,
  false,
  '',
  'a',
  'ab',
  { __entity: { type: 'User', id: 'a' } },
  { __entity: { type: 'Team', id: 't' } },
  { __extn: { fn: 'ip', arg: '10.0.0.1' } },
  { __extn: { fn: 'decimal', arg: '1.0' } },
)
const values = fc.record(
  {
    x: leaf,
    y: leaf,
    flag: fc.boolean(),
    n: fc.constantFrom(0, 1, 2 ** 53 - 1),
    s: fc.constantFrom('', 'a', 'ab', 'é𝒳'),
    set: fc.array(leaf, { maxLength: 4 }),
    rec: fc.record({ x: leaf, y: leaf }, { requiredKeys: [] }),
    who: fc.constant({ __entity: { type: 'User', id: 'b' } }),
    boss: fc.constant({ __entity: { type: 'User', id: 'b' } }),
    ip: fc.constantFrom('10.0.0.1', '::1').map((arg) => ({ __extn: { fn: 'ip', arg } })),
    'a b': fc.constantFrom('a', 'b'),
  },
  { requiredKeys: [] },
)
const uid = (ref: string) => ({ type: ref.slice(0, ref.indexOf(':')), id: ref.slice(ref.indexOf('"') + 1, -1) })
/** Parents come later in the list, so that there is no cycle. */
const entities = fc
  .tuple(
    ...refs.map((ref, index) =>
      fc
        .record({
          there: fc.boolean(),
          attrs: values,
          tags: fc.dictionary(fc.constantFrom('a', 'b', ''), fc.constantFrom('a', 'b'), { maxKeys: 2 }),
          parents: fc.subarray(refs.slice(index + 1, 4)),
        })
        .map((each) => ({ ...each, ref })),
    ),
  )
  .map((all) =>
    all.filter(({ there }) => there).map(({ ref, attrs, tags, parents }) => ({ uid: uid(ref), attrs, tags, parents: parents.map(uid) })),
  )
/** A request over the same few entities. */
export const randomRequest = fc.record({
  principal: fc.constantFrom('User::"a"', 'User::"b"').map(uid),
  action: fc.constantFrom('Action::"read"', 'Action::"write"').map(uid),
  resource: fc.constantFrom('Doc::"d"', 'Team::"t"').map(uid),
  context: values,
  entities: entities.map((all) => [...all, { uid: uid('Action::"read"'), attrs: {}, parents: [uid('Action::"any"')] }]),
}) as fc.Arbitrary<CedarRequest>
