import { digits, isNear, type Match, type Recognizer, shape } from './recognizer.ts'

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const v4 = new RegExp(`(?<![\\w]|[\\w][-.])${octet}(?:\\.${octet}){3}(?:/(?:3[0-2]|[12]?\\d)(?![\\d.]))?(?!\\w|\\.\\d|-\\w)`, 'y')
const v6 = /(?:[0-9A-Fa-f]{0,4}:){1,7}(?::|[0-9A-Fa-f]{0,4})(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3}|(?:\.\d{1,3}){3})?/y
const zone = /(?:%[A-Za-z0-9._-]{1,16})?(?:\/\d{1,3}(?!\d))?/y
const addressWords = /\b(?:ip|ipv6|ipv4|ips|address(?:es)?|host|loopback|localhost|server|listen(?:ing|s)?|bind|ping)\b/

function isV4(text: string): boolean {
  v4.lastIndex = 0
  return v4.test(text) && v4.lastIndex === text.length
}

/** Whether a text is an IPv6 address (RFC 4291, section 2.2) that is likely meant as one. */
function isV6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const last = text.slice(text.lastIndexOf(':') + 1)
  const mapped = last.includes('.')
  if (mapped && !isV4(last)) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const count = groups.length + (mapped ? 1 : 0)
  if (groups.some((group) => group !== last && !/^[0-9A-Fa-f]{1,4}$/.test(group))) return false
  if (!mapped && last !== '' && !/^[0-9A-Fa-f]{1,4}$/.test(last)) return false
  return halves.length === 2 ? count >= 1 && count < 8 : count === 8 && !groups.every(({ length }) => length === 2)
}

const hexadecimal = Array.from({ length: 128 }, (_, code) => /[0-9A-Fa-f]/.test(String.fromCharCode(code)))

/** From the first colon of what may be an IPv6 address, back over at most four hexadecimal digits. */
function findV6(text: string, at: number, hint: string): Match | undefined {
  const last = text.charCodeAt(at - 1)
  if (!hexadecimal[last] && text.charCodeAt(at + 1) !== 58) return undefined
  let start = at
  while (start > 0 && at - start < 5 && /[0-9A-Fa-f]/.test(text.charAt(start - 1))) start--
  if (at - start > 4 || /[\w:]/.test(text.charAt(start - 1))) return undefined
  v6.lastIndex = start
  const [found = ''] = v6.exec(text) ?? []
  const end = start + found.length
  if (/[\w:]/.test(text.charAt(end)) || (text.charAt(end) === '.' && /\d/.test(text.charAt(end + 1))) || !isV6(found)) return undefined
  zone.lastIndex = end
  zone.test(text)
  const digits = found.replace(/[^0-9A-Fa-f]/g, '')
  const weak = digits.length < 5 || !/\d/.test(digits) || found.split(':').every((group) => group.length < 2)
  if (weak && !isNear(text, start, end, addressWords, hint)) return undefined
  return [start, Math.max(end, zone.lastIndex), weak ? 0.6 : 0.9]
}

const version = /(?:\bv(?:ersion)?|\bver\.?|\brelease|\bbuild|\/|==?|>=|@)\s?$/i

export const network: readonly Recognizer[] = [
  {
    name: 'ipv4',
    kind: 'IP_ADDRESS',
    at: digits(1, 3),
    find(text, at, hint) {
      v4.lastIndex = at
      if (!v4.test(text)) return undefined
      const end = v4.lastIndex
      const before = text.slice(Math.max(0, at - 12), at)
      const likely = isNear(text, at, end, addressWords, hint)
      return !likely && version.test(before) && !before.endsWith('://') ? undefined : [at, end, likely ? 0.95 : 0.8]
    },
  },
  { name: 'ipv6', kind: 'IP_ADDRESS', at: ':', find: findV6 },
  shape({
    name: 'mac',
    kind: 'MAC',
    at: 'pair',
    pattern:
      /(?<![A-Za-z0-9]|[0-9A-Fa-f][:-])(?:[0-9A-Fa-f]{2}(?<gap>[:-])[0-9A-Fa-f]{2}(?:\k<gap>[0-9A-Fa-f]{2}){4}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![A-Za-z0-9]|[:-][0-9A-Fa-f])/y,
    valid: (found) => new Set(found.toLowerCase().replace(/[:.-]/g, '')).size > 1,
    score: 0.85,
  }),
]
