import { describe, expect, it } from 'vitest'
import { parseCedar, quote } from './cedar-text.ts'
import { compilePolicies } from './evaluator.ts'
import { parseDecimal, parseDuration } from './extension-value.ts'
import type { CedarRequest } from './facts.ts'
import { cedarOracle } from './oracle.ts'
import { readRequest } from './request.ts'

const question: CedarRequest = {
  principal: { type: 'User', id: 'u' },
  action: { type: 'Action', id: 'a' },
  resource: { type: 'Doc', id: 'd' },
  context: {},
  entities: [],
}

/** For each expression, whether it is true, false, or an error: by us and by Cedar. */
function answers(expressions: readonly string[]): readonly [Record<string, string>, Record<string, string>] {
  const parsed = parseCedar(expressions.map((each) => `permit (principal, action, resource) when { ${each} };`).join('\n'))
  if (!parsed.ok) throw new Error(parsed.errors[0]?.message)
  const [ours, theirs] = [compilePolicies(parsed.policies)(readRequest(question)), cedarOracle(parsed.policies, 'extension')(question)].map(
    ({ permits, errors }) => {
      const erred = new Set(errors.map(({ policy }) => policy))
      return Object.fromEntries(
        expressions.map((each, index) => [each, erred.has(`policy${index}`) ? 'error' : `${permits.includes(`policy${index}`)}`]),
      )
    },
  )
  return [ours ?? {}, theirs ?? {}]
}

const agree = (expressions: readonly string[]) => {
  const [ours, theirs] = answers(expressions)
  expect(ours).toEqual(theirs)
  return Object.values(ours)
}

const calls = (fn: string, texts: readonly string[]) => texts.map((text) => `${fn}(${quote(text)})`)
const pairs = (values: readonly string[], join: (a: string, b: string) => string) => values.flatMap((a) => values.map((b) => join(a, b)))

describe('extension values mean what they mean to Cedar', () => {
  it('addresses and ranges', () => {
    const texts = [
      '',
      '10.0.0.1 ',
      ...'0.0.0.0 10.0.0.1 10.0.0.0/8 10.0.0.255/24 10.0.0.0/32 127.0.0.1 127.0.0.1/8 127.0.0.1/7 224.0.0.1/4 224.0.0.1/3 239.1.1.1 255.255.255.255/0 ::'.split(
        ' ',
      ),
      ...'::1 ::1/127 ::1/128 ff00::/8 ff00::/7 ff02::1 fe80::1 2001:db8::/32 2001:DB8::1 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1:2:3:4:5:6:7:8 /'.split(
        ' ',
      ),
      ...'10.0.0 10.0.0.0.0 10.0.0.256 010.0.0.1 10.0.0.1/33 10.0.0.1/08 10.0.0.1/ 10.0.0.1/-1 1:2:3:4:5:6:7 1:2:3:4::5:6:7:8 1::2::3 ::: ::1/129 ::1/0128 ::ffff:1.2.3.4 12345:: g:: fe80::1%eth0 1:2:3:4:5:6:7:8:9 ::/0/0 0:0:0:0:0:0:0:1/128 10.0.0.1/1/1'.split(
        ' ',
      ),
    ]
    const values = calls('ip', texts)
    const found = agree([
      ...values.flatMap((each) => ['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'].map((fn) => `${each}.${fn}()`)),
      ...pairs(values, (a, b) => `${a}.isInRange(${b})`),
      ...pairs(values.slice(2, 28), (a, b) => `${a} == ${b}`),
    ])
    expect(new Set(found).size).toBe(3)
  })

  it('decimals', () => {
    const texts = [
      ' 1.0',
      ...'0.0 -0.0 1.0 1.00 01.5 -1.5 0.0001 0.00001 922337203685477.5807 922337203685477.5808 -922337203685477.5808 -922337203685477.5809 99999999999999999999.0 1 .5 1. +1.0 1.0e3 - 1.2.3'.split(
        ' ',
      ),
    ]
    const values = calls('decimal', texts)
    agree(
      ['==', 'lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'].flatMap((fn) =>
        pairs(values, (a, b) => (fn === '==' ? `${a} == ${b}` : `${a}.${fn}(${b})`)),
      ),
    )
  })

  it('dates and durations', () => {
    const dates = calls('datetime', [
      '',
      ...'1970-01-01 1969-12-31 0000-01-01 0000-02-29 1900-02-29 2000-02-29 2024-02-30 9999-12-31T23:59:59.999Z 2024-01-01T00:00:00Z 2024-01-01T00:00:00.5Z 2024-01-01T23:59:60Z'.split(
        ' ',
      ),
      ...'2024-01-01T01:00:00+0100 2024-01-01T01:00:00.001-2359 2024-01-01T01:00:00+2400 2024-01-01T01:00:00+0060 2024-01-01T00:00 2024-13-01 2024-00-10 2024-1-1 -2024-01-01 2024-01-01Z 2024-01-01t00:00:00z 20240101'.split(
        ' ',
      ),
    ])
    const durations = calls('duration', [
      '',
      ...'0ms -0d 1d -1d -1ms 1d2h3m4s5ms -1d2h3m4s5ms 25h61m 1h1d 1s1s 9223372036854775807ms'.split(' '),
      ...'9223372036854775808ms -9223372036854775808ms 106751991167d 106751991168d 1 d - 1.5s +1d 00001d 1D'.split(' '),
    ])
    agree([
      ...pairs(dates, (a, b) => `${a} < ${b}`),
      ...pairs(dates, (a, b) => `${a}.durationSince(${b}) >= duration("0ms")`),
      ...dates.flatMap((a) => durations.map((b) => `${a}.offset(${b}) <= datetime("2000-01-01")`)),
      ...dates.flatMap((a) => durations.map((b) => `${a}.offset(${b}).toDate() == datetime("1969-12-31")`)),
      ...dates.flatMap((a) => durations.map((b) => `${a}.offset(${b}).toTime() > duration("1ms")`)),
      ...pairs(durations, (a, b) => `${a} <= ${b}`),
      ...pairs([...durations, ...dates], (a, b) => `${a} == ${b}`),
      ...durations.flatMap((a) =>
        ['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'].flatMap((fn) =>
          [-2, -1, 0, 1, 25].map((n) => `${a}.${fn}() == ${n}`),
        ),
      ),
    ])
  })

  it('functions called with too few or too many arguments are errors', () => {
    expect(
      agree(['ip("::1").isLoopback(1)', 'decimal("1.0").lessThan()', 'datetime("2024-01-01").offset(duration("1d"), duration("1d")) == 1']),
    ).toEqual(['error', 'error', 'error'])
  })

  it('zeros in front, however many', () => {
    const zeros = '0'.repeat(200)
    const found = agree([
      `decimal("${zeros}1.0001") == decimal("1.0001")`,
      `decimal("-${zeros}.5") == decimal("0.5")`,
      `decimal("-${zeros}1.5").lessThan(decimal("0.0"))`,
      `duration("${zeros}1d${zeros}5ms") == duration("1d5ms")`,
      `duration("-${zeros}1s").toSeconds() == -1`,
      `duration("${zeros}").toSeconds() == 0`,
    ])
    expect(found).toEqual(['true', 'false', 'true', 'true', 'true', 'error'])
  })

  it('is read in steps that grow with the text alone: with its square this would not end', () => {
    const long = ['0', '1', '1d'].map((part) => part.repeat(1_000_000))
    for (const text of long.flatMap((each) => [each, `-${each}x`])) {
      expect([parseDecimal(text), parseDuration(text)]).toEqual([undefined, undefined])
    }
  })
})

describe('like', () => {
  it('matches what it matches for Cedar, for every short pattern and text', () => {
    const words = (letters: readonly string[], length: number): string[] =>
      length === 0 ? [''] : words(letters, length - 1).flatMap((word) => [word, ...letters.map((letter) => word + letter)])
    const patterns = [...new Set(words(['a', 'b', '*'], 4))].map((each) => `"${each}"`)
    const texts = ['', 'a', 'b', 'ab', 'aab', 'aba', 'abab', 'bb']
    const found = agree(patterns.flatMap((pattern) => texts.map((text) => `"${text}" like ${pattern}`)))
    expect(found).toContain('true')
    expect(agree(['"a*b" like "a\\*b"', '"axb" like "a\\*b"', '"𝒳é" like "*é"', '"\\\\" like "\\\\"'])).toEqual([
      'true',
      'false',
      'true',
      'true',
    ])
  })
})
