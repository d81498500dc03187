import { type Hit, hitSteps, type Weight } from './kind.ts'
import { hasAny, hasWord, type Marks, patternSteps } from './marks.ts'
import type { Steps } from './steps.ts'

/**
 * Finds URLs that would make this side call itself or its neighbours: cloud metadata, loopback, private and link-local ranges, in dotted,
 * decimal, octal, hexadecimal and IPv6 spellings, and schemes that read files or speak other protocols.
 */
export function address(text: string, hits: Hit[], marks: Marks, expected: boolean, steps: Steps): void {
  if (!hasAny(marks, ':/.') && !expected) return
  const add = (rule: string, start: number, end: number, weight: Weight): void => {
    steps.take(hitSteps)
    hits.push({ kind: 'ssrf', detector: `ssrf-${rule}`, start, end, weight: expected ? 'certain' : weight })
  }
  steps.take(2 * patternSteps(text))
  const metadata = !hasWord(marks, 'cloud')
    ? null
    : /(?:^|[^\d.])169\.254\.169\.254(?![\d.])|\bmetadata\.(?:google\.internal|goog)\b|(?:^|[^\d.])100\.100\.100\.200(?![\d.])|\[?fd00:ec2::254\]?/.exec(
        text,
      )
  if (metadata) add('metadata', metadata.index, metadata.index + metadata[0].length, /:\/\/|\//.test(text) ? 'certain' : 'bare')
  const scheme = !hasWord(marks, 'scheme')
    ? null
    : /(?<=(?:^|[\s"'=(])(?:gopher|dict|ldaps?|tftp|sftp|netdoc|jar|file|local_file|php|expect|phar|url:file)):\/{0,3}[^\s"'<>]{1,200}/.exec(
        text,
      )
  if (scheme && /:\/\/|^:(?:file|https?):/.test(scheme[0]))
    add(
      'scheme',
      scheme.index - (/\w{1,10}$/.exec(text.slice(Math.max(0, scheme.index - 10), scheme.index))?.[0].length ?? 0),
      scheme.index + scheme[0].length,
      'bare',
    )
  const transfer = !hasAny(marks, ':') ? null : /(?:^|[\s"'=(>])ftps?:\/\/\d{1,3}(?:\.\d{1,3}){3}/.exec(text)
  if (transfer) add('literal', transfer.index, transfer.index + transfer[0].length, 'bare')
  for (let at = text.indexOf('//'); at >= 0; at = text.indexOf('//', at + 2)) {
    if (at > 0 && !/[:\s"'=(\\/]/.test(text[at - 1] ?? '')) continue
    const end = hostEnd(text, at + 2)
    steps.take(100 + 4 * (end - at))
    const authority = text.slice(at + 2, end)
    const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d{0,5}$/, '')
    const near = isNear(host)
    if (near) add(near, Math.max(0, at - 6), end, 'bare')
    else if (isDisguised(host)) add('disguised', Math.max(0, at - 6), end, 'bare')
    else if (
      /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) &&
      /^\/[^\s]{0,200}\.(?:php|asp|jsp|txt|sh|exe|html?)\b/.test(text.slice(end, end + 210))
    )
      add('literal', at, end, 'bare')
    else if (/^\/:?[^/\s]{0,60}:[^/\s]{0,60}@[\w.-]|^\/@[\w-]{1,60}\.[a-z]{2,10}(?:\/|$)/.test(text.slice(end, end + 200)))
      add('confusing', at, end, 'bare')
  }
  if (expected) {
    const host = text.trim().split(/[/:?#]/, 1)[0] ?? ''
    if (isNear(host) && host !== '') add('near', 0, text.length, 'certain')
  }
}

function hostEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && end < from + 300 && !/[\s/\\?#"'<>]/.test(text[end] ?? '')) end++
  return end
}

const names =
  /^(?:localhost|localhost\.localdomain|ip6-localhost|[\w-]{1,60}\.localhost|localtest\.me|lvh\.me|(?:[\w-]{1,60}\.){0,4}(?:nip|xip|sslip)\.io|kubernetes\.default(?:\.svc)?|host\.docker\.internal)\.?$/

/** Why a host is not one of the open internet, if it is not. */
function isNear(host: string): string | undefined {
  if (names.test(host)) return 'loopback'
  if (host.startsWith('['))
    return /^\[(?:::1|::|::ffff:[\w.:]{3,20}|f[cd][0-9a-f]{2}:[\w:]{0,40}|fe80:[\w:%]{0,40}|0{1,4}(?::0{1,4}){6}:0{0,3}1)\]$/.test(host)
      ? 'private'
      : undefined
  const value = ipv4(host)
  if (value === undefined) return undefined
  const top = value >>> 24
  const second = (value >>> 16) & 255
  if (top === 127 || top === 0) return 'loopback'
  if (
    top === 10 ||
    (top === 172 && second >= 16 && second < 32) ||
    (top === 192 && second === 168) ||
    (top === 100 && second >= 64 && second < 128)
  )
    return 'private'
  return top === 169 && second === 254 ? 'metadata' : undefined
}

/** Whether a host is an address written so that people do not see it: as one number, in octal or in hexadecimal. */
const isDisguised = (host: string): boolean => (/(?:^|\.)0[x\d]/.test(host) || /^\d{5,10}$/.test(host)) && ipv4(host) !== undefined

/** An IPv4 address as resolvers read it: one to four parts, each decimal, octal or hexadecimal. */
function ipv4(host: string): number | undefined {
  const first = host.charCodeAt(0)
  if (first < 48 || first > 57 || host.length > 40) return undefined
  const parts = host.split('.')
  if (parts.length > 4) return undefined
  let value = 0
  for (const [index, part] of parts.entries()) {
    const radix = /^0x[0-9a-f]{1,16}$/.test(part) ? 16 : /^0[0-7]{1,11}$/.test(part) ? 8 : /^\d{1,10}$/.test(part) ? 10 : 0
    if (radix === 0) return undefined
    const number = Number.parseInt(radix === 16 ? part.slice(2) : part, radix)
    const last = index === parts.length - 1
    const room = last ? 256 ** (4 - index) : 256
    if (number >= room) return undefined
    value += last ? number : number * 256 ** (3 - index)
  }
  return value >>> 0
}
