import type { Hit, Weight } from './kind.ts'
import { gated, hasAny, type Marks, matches } from './marks.ts'
import type { Steps } from './steps.ts'

/** Finds JavaScript that is the value: calls and members that only code which runs in someone's page would name. */
export function script(text: string, hits: Hit[], marks: Marks, steps: Steps): void {
  if (!hasAny(marks, '(.[`=')) return
  // Comments separate nothing here; blanks in their place keep the offsets.
  const bare =
    hasAny(marks, '*') && text.includes('/*') ? text.replace(/\/\*[^*]{0,80}\*\//g, (comment) => ' '.repeat(comment.length)) : text
  for (const { shape, start, end } of matches(code, bare, marks, steps))
    hits.push({ kind: 'xss', detector: `xss-${shape.rule}`, start, end, weight: shape.weight })
}

const calls = 'alert|prompt|confirm|eval|atob|btoa|settimeout|setinterval|execscript|msgbox|importscripts'
/** Where a call can begin. */
const opening = '(?:^|[\\s"\'`;,=(){}>:/\\\\!|&+-])'
const code = gated<Weight>([
  { rule: 'call', weight: 'bare', signs: '[]', pattern: /!!?\[\]|\+\[\]|\(\{\}\+\[\]\)/ },
  { rule: 'call', weight: 'bare', signs: '=>', group: 'pageCall', pattern: /=>\s{0,4}alert/ },
  {
    rule: 'member',
    weight: 'bare',
    signs: '.',
    group: 'pageObject',
    also: 'pageMember',
    hint: /\.\s{0,90}(?:cookie|write|domain|body|location|referrer|localstorage|alert|eval|open|onerror|name|frames|documentelement|defaultview|createelement)/,
    pattern:
      /\b(?:document|window|self|top|parent|frames|this|globalthis)\s{0,90}(?:\?\.|\.)\s{0,90}(?:cookie|write(?:ln)?|domain|body|location|referrer|localstorage|alert|eval|open|onerror|name|frames|documentelement|defaultview|createelement)\b/,
  },
  {
    rule: 'member',
    weight: 'bare',
    signs: '[',
    group: 'pageObject',
    pattern: /\b(?:document|window|self|top|parent|frames|this|globalthis)\s{0,90}\)?\s{0,4}(?:\?\.)?\[\s{0,90}(?:["'`/+]|\w{1,20}\])/,
  },
  {
    rule: 'call',
    weight: 'bare',
    signs: '',
    oneOf: '(`',
    group: 'pageCall',
    // The name first and what stands before it then: engines look for names faster than for signs.
    pattern: new RegExp(
      String.raw`(?:${calls})(?<=${opening}(?:${calls}))(?:\s{0,4}(?:\?\.)?\(|${'`'})|function(?<=${opening}function)(?:\s{0,4}(?:${'`'}|\([^()]{0,80}\)\s{0,4}\{)|\(["'${'`'}])`,
    ),
  },
  {
    rule: 'call',
    weight: 'bare',
    signs: '',
    oneOf: '(.[=_`',
    group: 'pageName',
    pattern:
      /string\.fromcharcode|\bfetch\s{0,4}\(\s{0,4}["'`]|xmlhttprequest|activexobject|\.(?:innerhtml|outerhtml|insertadjacenthtml)\b|constructor\.constructor|\.constructor\s{0,4}[([]|__proto__|__definegetter__/,
  },
  { rule: 'call', weight: 'bare', signs: '$.(', pattern: /\$\.(?:getscript|ajax|get)\b/ },
  { rule: 'call', weight: 'bare', signs: '`.', pattern: /(?<=[\]\w])\.(?:call|apply|sort|map|constructor)\s{0,4}`/ },
  { rule: 'member', weight: 'bare', signs: '.', group: 'pagePlace', also: 'placePart', pattern: /location\.(?:href|hash|replace|search)/ },
  { rule: 'call', weight: 'bare', signs: '.', oneOf: '(.`', group: 'pageName', pattern: /\breflect\s{0,4}\.\s{0,4}\w{1,20}\s{0,4}[.(`]/ },
  { rule: 'call', weight: 'bare', signs: '[].', pattern: /\[\s{0,4}\]\s{0,4}\.\s{0,90}\w{1,20}\s{0,4}[.(`]/ },
  {
    rule: 'import',
    weight: 'bare',
    signs: '',
    group: 'import',
    pattern: /^\s{0,20}import\s{0,4}(?:\(|["'`]|\{[^}]{0,200}\}\s{0,4}from\s{0,4}["'`])/,
  },
  {
    rule: 'assign',
    weight: 'bare',
    signs: '',
    oneOf: '=;',
    group: 'pageError',
    pattern: /\bonerror\s{0,4}=|;\s{0,4}throw\b|=\s{0,4}alert\b/,
  },
])
