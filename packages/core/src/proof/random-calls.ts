import fc from 'fast-check'
import type { CedarRequest } from '../policy/facts.ts'
import { contextTypes, type PolicyTool } from '../policy/schema.ts'

export const tools: readonly PolicyTool[] = [
  {
    name: 'pay',
    action: 'move.money',
    effect: 'write',
    inputSchema: {
      type: 'object',
      properties: {
        amount: { type: 'integer' },
        fee: { type: 'integer' },
        share: { type: 'number' },
        note: { type: 'string' },
        to: { type: 'array', items: { type: 'string' } },
        steps: { type: 'array', items: { type: 'integer' } },
        card: { type: 'object', properties: { bank: { type: 'string' }, limit: { type: 'integer' } }, required: ['bank'] },
      },
      required: ['amount', 'share', 'to', 'steps'],
    },
  },
]

type Expression = fc.Arbitrary<string>
const join = (arbitrary: fc.Arbitrary<readonly string[]>) => arbitrary.map((parts) => parts.join(' '))
const strings = ['a', 'b', 'é', '/prod/x', 'EMAIL', 'pay']
const text = (tie: (name: string) => Expression): Expression =>
  fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...strings).map((each) => JSON.stringify(each)),
    fc.constantFrom(
      'context.session',
      'context.taint',
      'context.tool',
      'context.resource',
      'context.input.note',
      'context.input.card.bank',
    ),
    join(fc.tuple(fc.constant('(if'), tie('bool'), fc.constant('then context.session else context.taint)'))),
  )
const { bool } = fc.letrec<{ bool: string; long: string; text: string; set: string; decimal: string; time: string; span: string }>(
  (tie) => ({
    bool: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom(
        'context.mfa',
        'true',
        'context has approval',
        'context.input has fee',
        'context.input has card.limit',
        'context.input has note',
      ),
      fc.constantFrom(
        'principal in Role::"admin"',
        'principal in Tenant::"t"',
        'principal is Agent',
        'principal == User::"u"',
        'principal is User in Role::"x"',
      ),
      fc.constantFrom(
        'resource in Resource::"/prod"',
        'resource in Resource::"/prod/x"',
        'resource in Resource::"/"',
        'resource == Resource::"/prod"',
        'resource in Tenant::"t"',
      ),
      fc.constantFrom(
        'action in Action::"pay"',
        'action in Action::"move.money"',
        'action == Action::"pay"',
        'action in [Action::"read", Action::"write"]',
      ),
      fc.constantFrom(
        'context.source_ip.isIpv4()',
        'context.source_ip.isInRange(ip("10.0.0.0/8"))',
        'context.source_ip == ip("::1")',
        'context.source_ip.isLoopback()',
        'context.source_ip.isMulticast()',
        'context.source_ip.isInRange(ip("ff00::/8"))',
      ),
      join(fc.tuple(tie('long'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('long'))).map((each) => `(${each})`),
      join(fc.tuple(tie('time'), fc.constantFrom('<', '<=', '=='), tie('time'))).map((each) => `(${each})`),
      join(fc.tuple(tie('span'), fc.constantFrom('<', '>=', '=='), tie('span'))).map((each) => `(${each})`),
      join(fc.tuple(tie('bool'), fc.constantFrom('&&', '||'), tie('bool'))).map((each) => `(${each})`),
      tie('bool').map((each) => `!(${each})`),
      fc.tuple(tie('bool'), tie('bool'), tie('bool')).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
      fc
        .tuple(tie('text'), fc.constantFrom('*', 'a*', '*/prod/*', '*x', '/prod/*/y*', 'é*', '\\**', '*a*b*'))
        .map(([a, b]) => `(${a} like "${b}")`),
      fc.tuple(tie('text'), fc.constantFrom('==', '!='), tie('text')).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(tie('set'), tie('text')).map(([a, b]) => `${a}.contains(${b})`),
      fc.tuple(tie('set'), fc.constantFrom('containsAll', 'containsAny'), tie('set')).map(([a, f, b]) => `${a}.${f}(${b})`),
      fc.tuple(tie('set'), fc.constantFrom('==', '!='), tie('set')).map((parts) => `(${parts.join(' ')})`),
      tie('set').map((each) => `${each}.isEmpty()`),
      tie('long').map((each) => `context.input.steps.contains(${each})`),
      fc.tuple(tie('long'), tie('long')).map(([a, b]) => `context.input.steps.containsAny([${a}, ${b}])`),
      fc.tuple(tie('decimal'), fc.constantFrom('lessThan', 'greaterThanOrEqual'), tie('decimal')).map(([a, f, b]) => `${a}.${f}(${b})`),
    ),
    long: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom('0', '1', '-1', '7', '9223372036854775807', '-9223372036854775808', '9007199254740993'),
      fc.constantFrom(
        'context.input.amount',
        'context.input.fee',
        'context.pii_count',
        'context.approval.quorum',
        'context.input.card.limit',
      ),
      join(fc.tuple(tie('long'), fc.constantFrom('+', '-'), tie('long'))).map((each) => `(${each})`),
      tie('long').map((each) => `(${each} * 3)`),
      tie('long').map((each) => `(-(${each}))`),
      fc
        .tuple(tie('span'), fc.constantFrom('toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'))
        .map(([a, f]) => `${a}.${f}()`),
    ),
    text: text(tie as (name: string) => Expression),
    set: fc.oneof(
      fc.constantFrom('context.pii_kinds', 'context.restores', 'context.input.to', 'context.threat_kinds'),
      fc.array(tie('text'), { minLength: 1, maxLength: 3 }).map((each) => `[${each.join(', ')}]`),
      tie('bool').map((each) => `(if ${each} then context.pii_kinds else context.restores)`),
    ),
    decimal: fc.constantFrom('context.input.share', 'decimal("0.5")', 'decimal("-1.2345")'),
    time: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom('context.now', 'datetime("2024-02-29")', 'datetime("1969-12-31T23:59:59.999Z")'),
      tie('time').map((each) => `${each}.toDate()`),
      fc.tuple(tie('time'), tie('span')).map(([a, b]) => `${a}.offset(${b})`),
    ),
    span: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom('duration("1h")', 'duration("-1d2ms")', 'duration("9223372036854775807ms")'),
      tie('time').map((each) => `${each}.toTime()`),
      fc.tuple(tie('time'), tie('time')).map(([a, b]) => `${a}.durationSince(${b})`),
    ),
  }),
)
/** A policy for every call to `pay`, well typed. */
export const randomTypedPolicy = fc
  .tuple(fc.constantFrom('permit', 'forbid'), fc.array(fc.tuple(fc.constantFrom('when', 'unless'), bool), { minLength: 1, maxLength: 2 }))
  .map(([effect, clauses]) => `${effect} (principal, action, resource)${clauses.map(([kind, body]) => ` ${kind} { ${body} }`).join('')};`)

const call = (fn: string, arg: string) => ({ __extn: { fn, arg } })
/** Facts that nothing is found in. */
const none = Object.fromEntries(
  Object.entries(contextTypes).map(([name, { type }]) => [
    name,
    type === 'Long' ? 0 : type === 'Set' ? [] : type === 'Boolean' ? false : 'none',
  ]),
)
const few = fc.subarray(strings)
const long = fc.constantFrom<number | bigint>(0, 1, -1, 7, 3074457345618258603n, 9223372036854775807n, -9223372036854775808n)
const above = (path: string) => [...path.slice(1).matchAll(/\//gu)].map(({ index }) => path.slice(0, index + 1))
/** A call to `pay`, as the fact builder says it. */
export const randomCall = fc
  .record({
    type: fc.constantFrom('User', 'Agent'),
    roles: fc.subarray(['admin', 'x']),
    path: fc.constantFrom('/prod', '/prod/x', '/prod/x/y', 'tool:pay', '/other'),
    context: fc.record(
      {
        session: fc.constantFrom(...strings),
        taint: fc.constantFrom('none', 'user', 'untrusted'),
        mfa: fc.boolean(),
        source_ip: fc.constantFrom('10.1.2.3', '127.0.0.1', '::1', 'ff02::1', '192.0.2.1').map((each) => call('ip', each)),
        now: fc.constantFrom('1969-12-31T12:00:00.001Z', '2024-02-29T00:00:00.000Z').map((each) => call('datetime', each)),
        pii_kinds: few,
        restores: few,
        threat_kinds: few,
        pii_count: long.filter((each) => each >= 0),
        approval: fc.record({ id: fc.constant('i'), by: fc.constant('b'), quorum: long }),
        input: fc.record(
          {
            amount: long,
            fee: long,
            share: fc.constantFrom('0.5', '-7.0').map((each) => call('decimal', each)),
            note: fc.constantFrom(...strings),
            to: few,
            steps: fc.array(long, { maxLength: 2 }),
            card: fc.record({ bank: fc.constantFrom(...strings), limit: long }, { requiredKeys: ['bank'] }),
          },
          { requiredKeys: ['amount', 'share', 'to', 'steps'] },
        ),
      },
      { requiredKeys: ['session', 'taint', 'mfa', 'source_ip', 'now', 'pii_kinds', 'restores', 'threat_kinds', 'pii_count', 'input'] },
    ),
  })
  .map(({ type, roles, path, context }) => {
    const tenant = { type: 'Tenant', id: 't' }
    const [principal, action, resource] = [
      { type, id: 'u' },
      { type: 'Action', id: 'pay' },
      { type: 'Resource', id: path },
    ]
    const groups = ['move.money', 'write'].map((id) => ({ type: 'Action', id }))
    return {
      principal,
      action,
      resource,
      context: { ...none, tool: 'pay', resource: path, ...context },
      entities: [
        { uid: principal, attrs: {}, parents: [...roles.map((id) => ({ type: 'Role', id })), tenant] },
        { uid: action, attrs: {}, parents: groups },
        { uid: resource, attrs: {}, parents: [...above(path).map((id) => ({ type: 'Resource', id })), tenant] },
      ],
    } as unknown as CedarRequest
  })
