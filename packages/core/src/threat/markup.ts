import { type Hit, hitSteps, type Weight } from './kind.ts'
import { gated, type Marks, matches } from './marks.ts'
import type { Judging, Steps } from './steps.ts'

/**
 * Finds markup that runs: script elements, handlers, script URLs, embedded documents, and attributes that break out of a quoted value.
 * Reads tags as a forgiving browser does (any sign may stand between attributes, control characters vanish). Ordinary markup passes.
 */
export function* markup(text: string, hits: Hit[], steps: Steps): Judging<void> {
  const add = (rule: string, start: number, end: number, weight: Weight): void => {
    steps.take(hitSteps)
    hits.push({ kind: 'xss', detector: `xss-${rule}`, start, end: Math.min(text.length, end), weight })
  }
  let closed = 0
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', Math.max(at + 1, closed))) {
    steps.take(2)
    if (steps.due()) yield
    const tag = text.charCodeAt(at + 1) === 60 || isPlainTag(text, at) ? undefined : tagAt(text, at, steps)
    if (tag) {
      add(tag.rule, at, tag.end, tag.weight)
      closed = Math.max(at + 1, tag.end)
    }
  }
}

/** Script outside of tags; in a window of a text. */
export function markupShapes(text: string, hits: Hit[], marks: Marks, steps: Steps): void {
  for (const { shape, start, end } of matches(outside, text, marks, steps))
    hits.push({ kind: 'xss', detector: `xss-${shape.rule}`, start, end, weight: shape.weight })
}

const active = new Set(
  'script iframe frame frameset object embed applet base meta link style svg math isindex bgsound layer ilayer xml import vmlframe x:script'.split(
    ' ',
  ),
)
/** How far one tag is read, and how far what no browser would read as one. */
const tagReach = 3000
const looseReach = 300
/** What reading the styles behind one tag costs, in steps. */
const styleSteps = 2000
const controls = /[\0-\x08\x0b\x0e-\x1f\ufffd\udc80-\udcff]/g

/**
 * A tag of which nothing can run: an element that is none of the active ones, attributes whose names and values are letters, digits and signs
 * that stand between them. Most tags of documents and data are such, and need no closer look.
 */
const plainTag =
  /<(?:\/([a-z][a-z0-9_-]{0,29})\s?|([a-z][a-z0-9_-]{0,29})(?:\s{1,4}(?!on|style|src|pattern|datafld|allow|data|dyn|low|form|xml|ev|xi|xlink|implementation|fscommand|seek)[a-z][a-z0-9_-]{0,30}="(?!\s?scriptlet)[\w .,#%/+-]{0,200}"){0,8}\s{0,4}\/?)>/y

export function isPlainTag(text: string, at: number): boolean {
  plainTag.lastIndex = at
  const match = plainTag.exec(text)
  if (!match) return false
  const name = match[1] ?? match[2] ?? ''
  return !active.has(name) && !/^(?:script|vmlframe|entity|attlist)/.test(name)
}

export function tagAt(
  text: string,
  at: number,
  steps: Steps,
): { readonly rule: string; readonly end: number; readonly weight: Weight } | undefined {
  steps.take(60)
  const window = text.slice(at, at + 40).replace(controls, '')
  const match =
    /^<[\s/"'`%?!\\:]{0,6}([a-z][\w:-]{0,30}|![a-z]{1,10}|\?[a-z-]{1,20}|!--|\?)/.exec(window) ?? /^<([?!][\w-]{0,20})/.exec(window)
  const spaced = /^<\s?(?:s\s?c\s?r\s?i\s?p\s?t|f o r m|i f r a m e)\b/.test(window)
  if (spaced && !window.startsWith('<script')) return { rule: 'element', end: closeOf(text, at), weight: 'certain' }
  if (!match) return undefined
  const name = (match[1] ?? '').replace(/^.*:/, '')
  const end = tagEnd(text, at, beginsTag(text.charCodeAt(at + 1)) ? tagReach : looseReach)
  steps.take(200 + 4 * (end - at))
  const body = text.slice(at, end).replace(controls, '')
  const closing = /^<\s{0,4}\//.test(window)
  if (name === 'script' || name === 'vmlframe') return { rule: 'script', end: closing ? end : scriptEnd(text, end), weight: 'certain' }
  if (handler.test(body)) return { rule: 'handler', end, weight: 'certain' }
  if (scriptUrl.test(squeeze(body))) return { rule: 'url', end, weight: 'certain' }
  if (/^!?entity$|^!attlist$/.test(name) && /system|public|cdata|%/.test(body)) return { rule: 'entity', end, weight: 'certain' }
  if (/^!doctype$/.test(name)) return /\[|entity/.test(body) ? { rule: 'entity', end, weight: 'certain' } : undefined
  if (name === '?import' || name.startsWith('?xml-stylesheet') || body.startsWith('<?import'))
    return { rule: 'element', end, weight: 'certain' }
  if (closing) return undefined
  if (active.has(name)) {
    if (name === 'svg' || name === 'math')
      return /xlink|href|=\s{0,4}["']?data:/.test(body) ? { rule: 'element', end, weight: 'bare' } : undefined
    if (name === 'style') steps.take(styleSteps)
    if (name === 'style')
      return styled(text.slice(at, at + 600).split('</', 1)[0] ?? '')
        ? { rule: 'style', end: closeOf(text, at), weight: 'certain' }
        : undefined
    if (name === 'xml') return /id\s{0,4}=|src\s{0,4}=/.test(body) ? { rule: 'element', end, weight: 'bare' } : undefined
    if (name === 'link') return /(?:href|=)/.test(body) ? { rule: 'element', end, weight: 'bare' } : undefined
    return { rule: 'element', end, weight: name === 'meta' || name === 'base' ? 'bare' : 'certain' }
  }
  if (/(?:^|[\s"'/])style\s{0,4}=/.test(body) && styled(body)) return { rule: 'style', end, weight: 'certain' }
  if (
    /\b(?:dynsrc|lowsrc|datasrc|formaction|srcdoc|xmlns:xsi|xmlns:ev|ev:handler|xi:include|xlink:href|implementation|fscommand|seeksegmenttime|allowscriptaccess)\s{0,4}=?/.test(
      body,
    )
  )
    return { rule: 'attribute', end, weight: 'bare' }
  if (/&\{|\ballowscriptaccess\b|\bdatafld\s{0,4}=|\bpattern\s{0,4}=\s{0,4}["']\^/.test(body))
    return { rule: 'attribute', end, weight: 'bare' }
  return undefined
}

/** A sign as style sheets escape it. */
const styleEscape = /\\{1,2}(?:0{0,4})([2-7][0-9a-f])(?:\s|(?![0-9a-f]))/g

function styled(text: string): boolean {
  const plain = text.replace(/\/\*.{0,80}?\*\//g, '')
  const read = plain.replace(styleEscape, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
  const flat = squeeze(read.replaceAll('\\', ''))
  if (read !== plain && /<[a-z]/.test(read.slice(1))) return true
  return (
    /expression\(|javascript:|vbscript:|behaviou?r:|-moz-binding|-o-link|@import|xss:|url\(["']?(?:javascript|data|vbscript)|position:absolute|user-modify|animation|transition|list-style-image|=[\\]*/.test(
      flat,
    ) && /expression\(|script:|behaviou?r:|binding|-o-link|@import|xss:|data:|absolute|user-modify/.test(flat)
  )
}

/** A handler as an attribute: `on…=` after a blank, a slash, a quote or a control character. */
const handler = /[\s/"'`\x00-\x20;,><)\w]\bon[a-z]{3,40}\s{0,20}=|[\s/"'`+&]on[a-z]{3,40}[\s/\\]{0,20}=/
const scriptUrl =
  /(?:javascript|vbscript|livescript|mocha|jscript|ecmascript):|data:(?:text\/(?:html|javascript|xml|css)|image\/svg|application\/x|,|;base64|\w{0,10}[,;])|src=["']?(?:\/\/[\w.]|https?:\/\/[^"'\s>]{1,200}\.(?:js|swf|html?|css|xml)\b)|=["']?scriptlet|%\(scriptlet|j\W{0,3}a\W{0,3}v\W{0,3}a\W{0,3}s\W{0,3}c\W{0,3}r\W{0,3}i\W{0,3}p\W{0,3}t:/

function squeeze(text: string): string {
  return text.replace(/<!--.{0,40}?-->/g, '').replace(/[\s\0-\x20\\]+/g, '')
}

function tagEnd(text: string, at: number, reach: number): number {
  const last = Math.min(text.length, at + reach)
  let quote = 0
  for (let end = at + 1; end < last; end++) {
    const code = text.charCodeAt(end)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 62) return end + 1
    else if (code === 60 && beginsTag(text.charCodeAt(end + 1))) return end
    else if ((code === 34 || code === 39) && text.charCodeAt(end - 1) === 61) quote = code
  }
  if (quote === 0) return last
  const plain = text.slice(at, last).indexOf('>')
  return plain < 0 ? last : at + plain + 1
}

const beginsTag = (code: number): boolean => (code >= 97 && code <= 122) || code === 33 || code === 47 || code === 63

function closeOf(text: string, at: number): number {
  const end = text.slice(at, at + tagReach + 1).indexOf('>')
  return end < 0 ? Math.min(text.length, at + tagReach) : at + end + 1
}

function scriptEnd(text: string, from: number): number {
  const window = text.slice(from, from + tagReach)
  const close = window.indexOf('</script')
  return close < 0 ? from + window.length : closeOf(text, from + close)
}

/** Script outside of tags: behind a quote, in a URL, or as the whole value.  */
const outside = gated<Weight>([
  { rule: 'handler', weight: 'certain', signs: '=', pattern: /["'`][\s/>\x00-\x20]{0,20}on[a-z]{3,40}\s{0,20}=/ },
  {
    rule: 'handler',
    weight: 'bare',
    signs: '=',
    pattern:
      /(?:^|[\s"'`/])on(?:error|load|click|focus|blur|mouse\w{2,8}|key\w{2,6}|submit|change|toggle|begin|end|animation\w{3,10}|transition\w{3,10}|pointer\w{2,12}|drag\w{0,6}|unload|select|scroll|resize|message|paste|copy|cut|wheel|start|finish|bounce|readystatechange|show|zoom|input|invalid|reset|search|abort|play|touch\w{2,8}|hashchange|popstate)\s{0,8}=\s{0,8}["'`]?[a-z{(\\$[]/,
  },
  {
    rule: 'url',
    weight: 'certain',
    signs: ':',
    group: 'scriptScheme',
    pattern:
      /(?:^|[\s"'=(:;,/\\>[])(?:javascript|vbscript|livescript)\s{0,4}:\s{0,4}(?:[\w\\]{1,40}\s{0,4}[([.=`:]|[/%"'`;*\\({-]|$|msgbox)/,
  },
  {
    rule: 'url',
    weight: 'bare',
    signs: ':',

    pattern: /(?<![^\s"'=(])v\s{0,2}b\s{0,2}s\s{0,2}c\s{0,2}r\s{0,2}i\s{0,2}p\s{0,2}t\s{0,2}:|(?<![^\s"'=(])ja\s{1,4}vascript\s{0,2}:/,
  },
  { rule: 'url', weight: 'certain', signs: '(', group: 'style', pattern: /url\(\s{0,4}["']?(?:javascript|vbscript)/ },
  {
    rule: 'url',
    weight: 'certain',
    signs: ':',
    group: 'data',
    pattern: /(?:^|[\s"'=(>])data:\s{0,4}(?:text\/(?:html|javascript)|image\/svg\+xml|application\/x-)[;,]/,
  },
  {
    rule: 'style',
    weight: 'bare',
    signs: '',
    group: 'style',
    pattern:
      /(?:expression|-moz-binding|behaviou?r)\s{0,4}[(:]\s{0,4}(?:alert|url|write|eval|javascript|document|confirm|prompt)|["'\s]style\s{0,4}=[^<>"']{0,60}:\s{0,4}expression\s{0,4}\(/,
  },
  { rule: 'utf7', weight: 'certain', signs: '+', pattern: /\+ad[w4]-|\+\/v[89]/ },
  {
    rule: 'encoded',
    weight: 'bare',
    signs: '',
    oneOf: '%\\&',
    pattern: /^\s{0,4}(?:(?:%(?:25){0,4}|\\{1,2}x|[%\\]{1,2}u00|&#x0{0,8})3c|&#0{0,8}60);?\s{0,4}$/,
  },
  { rule: 'encoded', weight: 'certain', signs: '\\', pattern: /\\{1,2}x[cd]\d\\{1,2}x[ab][ce]script/ },
  { rule: 'entity', weight: 'certain', signs: '', group: 'entity', pattern: /!entity\s{1,10}%?\s{0,4}\w{1,40}\s{1,10}system|!attlist\s/ },
  {
    rule: 'element',
    weight: 'certain',
    signs: '<',
    group: 'element',
    pattern: /<[\s/+]{0,4}(?:script|iframe|object|embed)\b|[<\u00bc]\/?\w{0,2}script[\s>/+]/,
  },
  {
    rule: 'element',
    weight: 'bare',
    signs: '',
    group: 'entity',
    pattern: /\bcdata\s{1,4}"(?:alert|javascript)|<!\[cdata\[.{0,40}(?:script|alert|<)|\]\]>.{0,40}script/,
  },
  {
    rule: 'element',
    weight: 'bare',
    signs: '<',
    pattern:
      /^[\s"'\\)\]}$>]{0,4}<f o r m|^\W{0,4}script\s\w\/alert|^[\s"'`>)]{0,6}<\/(?:textarea|title|noscript|style|noembed|template|xmp)\s{0,4}[<>/]/,
  },
])

/** A value that is nothing but the name of a handler: where names of attributes come from the outside, it makes another value run. */
export function handlerName(text: string, hits: Hit[]): void {
  if (text.length > 40 || !text.startsWith('on')) return
  if (handlerNames.test(text)) hits.push({ kind: 'xss', detector: 'xss-name', start: 0, end: text.length, weight: 'bare' })
}

const handlerNames =
  /^on(?:before|after|webkit|moz|ms)?(?:(?:dbl|aux|context)?(?:click|menu)|(?:mouse|pointer|touch|drag|key|animation|transition|gesture|row|cell|dataset|rate|selection|layout|move|resize|select|form|script|fullscreen)[a-z]{2,20}|drag|drop|error(?:update)?|load(?:ed)?(?:data|metadata|start|end)?|unload|focus(?:in|out)?|blur|change|input|invalid|submit|reset|search|scroll(?:end)?|resize|wheel|copy|cut|paste|toggle|begin|end|finish|start|bounce|repeat|play(?:ing)?|pause|seek(?:ed|ing)?|stalled|suspend|waiting|timeupdate|volumechange|durationchange|ratechange|canplay(?:through)?|cuechange|emptied|ended|progress|abort|online|offline|popstate|hashchange|storage|message|print|update|activate|deactivate|editfocus|losecapture|propertychange|readystatechange|help|filterchange|controlselect|outofsync|mediacomplete|mediaerror|trackchange|urlflip|undo|redo|reverse|resume|syncrestored|timeerror|stop|close|cancel|show|zoom)$/
