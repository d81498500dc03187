import { isDisguised, isNear } from './host.ts'
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
  const transfer = !text.includes('ftp') ? null : /(?:^|[\s"'=(>])ftps?:\/\/\d{1,3}(?:\.\d{1,3}){3}/.exec(text)
  if (transfer) add('literal', transfer.index, transfer.index + transfer[0].length, 'bare')
  for (let at = text.indexOf('//'); at >= 0; at = text.indexOf('//', at + 2)) {
    if (at > 0 && !/[:\s"'=(\\/]/.test(text[at - 1] ?? '')) continue
    const end = hostEnd(text, at + 2)
    steps.take(100 + 4 * (end - at))
    const host = hostOf(text.slice(at + 2, end))
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
    else if (isNear(hostOf(/^[#?\\][^\s=@/]{0,60}@([\w.:[\]-]{1,100})/.exec(text.slice(end, end + 200))?.[1] ?? '')))
      add('confusing', at, end, 'bare')
  }
  for (const { 0: found, 1: host = '', index } of isSchemed(text) ? text.matchAll(bent) : []) {
    steps.take(100)
    const near = isDisguised(host) ? undefined : isNear(host)
    if (near) add(near, index, index + found.length, 'bare')
  }
  if (expected && text.length <= longest) {
    const near = text.trim().startsWith('file:') ? 'scheme' : isNear(hostIn(text.trim()) ?? '')
    if (near) add(near, 0, text.length, 'certain')
  }
}

/** A scheme whose slashes are none, too many or the wrong ones: browsers and `fetch` take them all. */
const bent = /(?<![a-z])(?:https?|wss?|ftp):(?!\/\/[^/\\])[/\\]{0,8}([\w.-]{1,100}|\[[\w:.%]{2,80}\])/g

/** Whether a scheme may stand there as `bent` has it: engines look for words faster than for what they begin with. */
function isSchemed(text: string): boolean {
  return ['http', 'ftp:', 'ws:', 'wss:'].some((scheme) => text.includes(scheme)) && schemed.test(text)
}

const schemed = /:(?<=(?:https?|wss?|ftp):)(?!\/\/[^/\\])/

/** The longest text that is read as one URL. */
const longest = 10_000

/** The host that `fetch` would go to, which drops tabs and line breaks and takes backslashes for slashes; of a bare authority, its host. */
function hostIn(text: string): string | undefined {
  if (/^(?:\[[0-9a-f:.%\w]{2,80}\]|[\w.-]{1,300})(?::\d{1,5})?(?:[/?#]|$)/.test(text)) return hostOf(text.split(/[/?#]/, 1)[0] ?? '')
  if (/^[0-9a-f.]{0,20}:[0-9a-f:.]{1,45}$/.test(text)) return `[${text}]`
  const url = URL.parse(text, 'http://example.com')
  return url && url.host !== 'example.com' ? url.hostname : undefined
}

/** The host of an authority, without the user before it and the port behind it. */
function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  return host.startsWith('[') ? host.replace(/(?<=\]):\d{0,5}$/, '') : host.replace(/:\d{0,5}$/, '')
}

function hostEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && end < from + 300 && !/[\s\0/\\?#"'<>]/.test(text[end] ?? '')) end++
  return end
}
