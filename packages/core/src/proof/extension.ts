import type { Encoding } from './encoding.ts'
import { in64Bits } from './scalar.ts'
import { type AddressValue, type Evaluated, nothing, type Scalar, type Symbolic, unknown } from './symbolic.ts'
import type { Term } from './term.ts'
import { readAddress, readDatetime, readDecimal, readDuration, type WrittenAddress } from './written.ts'

const day = 86_400_000n
const comparisons: { readonly [name: string]: 'below' | 'atMost' } = { lessThan: 'below', lessThanOrEqual: 'atMost' }
const reversed: { readonly [name: string]: 'below' | 'atMost' } = { greaterThan: 'below', greaterThanOrEqual: 'atMost' }
const readers: { readonly [name: string]: { readonly kind: Scalar; readonly read: (text: string) => bigint | undefined } } = {
  decimal: { kind: 'Decimal', read: readDecimal },
  datetime: { kind: 'Datetime', read: readDatetime },
  duration: { kind: 'Duration', read: readDuration },
}
const spans: { readonly [name: string]: bigint } = { toSeconds: 1_000n, toMinutes: 60_000n, toHours: 3_600_000n, toDays: day }

/** Cedar's extension functions, by their names in its JSON form, on arguments that did not fail. */
export function extension(encoding: Encoding, name: string, args: readonly Symbolic[]): Evaluated {
  const { t } = encoding
  const [self, other] = args
  const always = t.bool(true)
  const fails: Evaluated = { value: nothing, ok: t.bool(false) }
  const truth = (term: Term): Evaluated => ({ value: { kind: 'Boolean', term }, ok: always })
  const whole = (kind: Scalar, term: Term, ok: Term = always): Evaluated => ({ value: { kind, term }, ok })
  const bounded = (kind: Scalar, term: Term) => whole(kind, term, in64Bits(encoding, term))
  const number = (value: Symbolic | undefined, kind: Scalar) => (value?.kind === kind && 'term' in value ? value.term : undefined)

  if (!self) return fails
  for (const arg of args) if (arg.kind === 'Unknown') return anything(arg.construct)
  if (name === 'ip') return address()
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
  if (reader) return written(reader.kind, reader.read)

  const [one, two] = [number(self, 'Decimal'), number(other, 'Decimal')]
  const straight = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined
  if (straight) return one && two ? truth(t[straight](one, two)) : fails
  const turned = Object.hasOwn(reversed, name) ? reversed[name] : undefined
  if (turned) return one && two ? truth(t[turned](two, one)) : fails

  if (self.kind === 'Address') return onAddress(self)
  const span = Object.hasOwn(spans, name) ? spans[name] : undefined
  const [at, length] = [number(self, 'Datetime'), number(self, 'Duration')]
  if (span !== undefined) return length ? whole('Long', truncated(length, span)) : fails
  const [instant, shift] = [number(other, 'Datetime'), number(other, 'Duration')]
  switch (name) {
    case 'offset':
      return at && shift ? bounded('Datetime', t.sum(at, shift)) : fails
    case 'durationSince':
      return at && instant ? bounded('Duration', t.difference(at, instant)) : fails
    case 'toDate':
      return at ? bounded('Datetime', midnight(at)) : fails
    case 'toTime':
      return at ? whole('Duration', t.difference(at, midnight(at))) : fails
    case 'toMilliseconds':
      return length ? whole('Long', length) : fails
    case 'isIpv4':
    case 'isIpv6':
    case 'isLoopback':
    case 'isMulticast':
    case 'isInRange':
      return fails
    default:
      return anything(`the function \`${name}\``)
  }

  function anything(construct: string): Evaluated {
    return { value: unknown(construct), ok: encoding.gap(construct) }
  }

  function written(kind: Scalar, read: (text: string) => bigint | undefined): Evaluated {
    const text = number(self, 'String')
    if (!text) return fails
    if (typeof text.literal !== 'string') return anything(`\`${name}\` of a text that is not written out`)
    const value = read(text.literal)
    return value === undefined ? fails : whole(kind, t.int(value))
  }

  function address(): Evaluated {
    const text = number(self, 'String')
    if (!text) return fails
    if (typeof text.literal !== 'string') return anything('`ip` of a text that is not written out')
    const value = readAddress(text.literal)
    return value ? { value: literalAddress(encoding, value), ok: always } : fails
  }

  function onAddress(ip: AddressValue): Evaluated {
    switch (name) {
      case 'isIpv4':
        return truth(t.not(ip.v6))
      case 'isIpv6':
        return truth(ip.v6)
      case 'isLoopback':
        return truth(t.or(inRange(ip, { v6: false, bits: 0x7f000000n, prefix: 8 }), inRange(ip, { v6: true, bits: 1n, prefix: 128 })))
      case 'isMulticast':
        return truth(
          t.or(inRange(ip, { v6: false, bits: 0xe0000000n, prefix: 4 }), inRange(ip, { v6: true, bits: 0xffn << 120n, prefix: 8 })),
        )
      case 'isInRange': {
        if (other?.kind !== 'Address') return fails
        const { v6, bits, prefix } = other
        if (typeof v6.literal !== 'boolean' || typeof bits.literal !== 'bigint' || typeof prefix.literal !== 'bigint') {
          return anything('`isInRange` of a range that is not written out')
        }
        return truth(inRange(ip, { v6: v6.literal, bits: bits.literal, prefix: Number(prefix.literal) }))
      }
      default:
        return fails
    }
  }

  /** Aligned blocks nest: a block is inside another when its prefix is no shorter and any of its addresses is inside. */
  function inRange(ip: AddressValue, { v6, bits, prefix }: WrittenAddress): Term {
    const host = (1n << BigInt((v6 ? 128 : 32) - prefix)) - 1n
    const [first, last] = [t.int(bits & ~host), t.int(bits | host)]
    return t.and(t.eq(ip.v6, t.bool(v6)), t.atMost(t.int(prefix), ip.prefix), t.atMost(first, ip.bits), t.atMost(ip.bits, last))
  }

  function midnight(at: Term): Term {
    return t.product(t.quotient(at, day), t.int(day))
  }

  /** Division towards zero. */
  function truncated(a: Term, by: bigint): Term {
    const negated = t.difference(t.int(0), a)
    return t.ite(t.atMost(t.int(0), a), t.quotient(a, by), t.difference(t.int(0), t.quotient(negated, by)))
  }
}

export function literalAddress({ t }: Pick<Encoding, 't'>, { v6, bits, prefix }: WrittenAddress): AddressValue {
  return { kind: 'Address', v6: t.bool(v6), bits: t.int(bits), prefix: t.int(prefix) }
}
