import type { Hit, Weight } from './kind.ts'
import { type Gated, gated, hasAny, hasWord, type Marks, matches, patternSteps } from './marks.ts'
import type { Steps } from './steps.ts'

/** Finds line breaks that would begin a header of HTTP or mail, or a command of a mail protocol. Ordinary lines of text are none. */
export function header(text: string, hits: Hit[], marks: Marks, decoded: boolean, steps: Steps): void {
  if (hasAny(marks, '\r\n')) push(literals, text, hits, marks, decoded, steps)
  if (!hasWord(marks, 'header') && !hasWord(marks, 'mailbox')) return
  steps.take(patternSteps(text))
  if (!begins.test(text)) return
  if (hasAny(marks, '\r\n')) push(breaks, text, hits, marks, decoded, steps)
  push(commands, text, hits, marks, decoded, steps)
}

function push(shapes: readonly Gated<Weight>[], text: string, hits: Hit[], marks: Marks, decoded: boolean, steps: Steps): void {
  for (const { shape, start, end } of matches(shapes, text, marks, steps))
    hits.push({ kind: 'header_injection', detector: `header-${shape.rule}`, start, end, weight: decoded ? 'certain' : shape.weight })
}

/** What a line begins with where one of the patterns below can match: most texts have none, and that is told at once. */
const begins =
  /(?:^|[\r\n])\s{0,4}(?:set-|location|content-|host|transfer-|x-|access-|refresh|referer|user-|http\/|(?:get|post|put|delete|head|options)\s|b?cc|reply-|mime-|retr|dele|top|list|stat|rset|noop|quit|stls|ehlo|helo|vrfy|expn|apop|mail from|rcpt to|a\d|tag\d)/

/** Need a line break before them. */
const breaks = gated<Weight>([
  {
    rule: 'http',
    weight: 'bare',
    signs: ':',
    pattern:
      /[\r\n]\s{0,4}(?:set-cookie|location|content-(?:type|length|disposition)|host|transfer-encoding|x-[a-z-]{2,30}|access-control-[a-z-]{2,30}|refresh|referer|user-agent)\s{0,2}:[^\r\n]{0,200}/,
  },
  {
    rule: 'http',
    weight: 'certain',
    signs: '/',
    pattern: /[\r\n]\s{0,4}(?:http\/\d(?:\.\d)?\s\d{3}|(?:get|post|put|delete|head|options)\s\S{1,200}\shttp\/\d)/,
  },
  {
    rule: 'mail',
    weight: 'bare',
    signs: ':',
    pattern: /[\r\n](?:bcc|cc|reply-to|mime-version|content-transfer-encoding)\s{0,2}:[^\r\n]{0,200}/,
  },
  {
    rule: 'protocol',
    weight: 'bare',
    signs: '',
    pattern:
      /[\r\n]\s{0,4}(?:(?:retr|dele|top|list|stat|rset|noop|quit|stls)(?:\s\d{1,9}){0,2}|(?:ehlo|helo|vrfy|expn|apop)\s[^\r\n]{1,80})\s{0,4}(?:[\r\n]|$)/,
  },
])

/** Stand at the beginning of a value as well. */
const commands = gated<Weight>([
  {
    rule: 'protocol',
    weight: 'certain',
    signs: ':',
    group: 'mailCommand',
    pattern: /(?:^|[\r\n])\s{0,4}(?:mail from:|rcpt to:)\s{0,4}<?[\w@.-]{1,80}/,
  },
  {
    rule: 'protocol',
    weight: 'bare',
    signs: '',
    group: 'mailbox',
    pattern:
      /(?:^|[\r\n]\s{0,4})(?:a|tag)\d{1,4}\s(?:append|authenticate|status|uid|login|logout|select|examine|create|delete|rename|list|lsub|fetch|store|copy|search|expunge|starttls|capability|subscribe)\b[^\r\n]{0,120}/,
  },
  { rule: 'protocol', weight: 'certain', signs: '', group: 'mailCommand', pattern: /^\s{0,4}apop\s[\w.@-]{1,60}\s[0-9a-f]{32}/ },
])

/** A command of a mailbox that announces how many bytes follow it. */
const literals = gated<Weight>([
  {
    rule: 'protocol',
    weight: 'certain',
    signs: '{}',
    group: 'mailbox',
    pattern: /^\w{1,8}\s(?:append|login)\s[^\r\n]{1,120}\{\d{1,9}\+?\}\r?\n/,
  },
])
