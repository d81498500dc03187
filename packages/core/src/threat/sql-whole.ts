import { type Found, hit } from './sql-found.ts'
import { sqlWords } from './sql-words.ts'

/** Values that are nothing but a piece of SQL. */
export function whole(text: string): Found {
  if (fragment(text)) return hit('fragment', 'bare', text.length)
  if (metadata.test(text)) return hit('risk', 'bare', text.length)
  if (mongo.test(text)) return hit('operator', 'bare', text.length)
  if (trailing.test(text) || pieces.test(text) || probes.test(text))
    return hit('fragment', text === 'like' ? 'strict' : 'bare', text.length)
  const same = equality.exec(text)
  return same && same[1] === same[2] && same[3] === same[4] ? hit('tautology', 'bare', text.length) : undefined
}

const equality =
  /(?:^|[\s,=(])(\d{1,9}|'\w{1,20}')\s{0,4}(?:=|<=>|like|==)\s{0,4}(\d{1,9}|'\w{1,20}')[\s)]{0,4}$|^(\d{1,9})=(\d{1,9})\s(?:and|or)\b/
const metadata =
  /^\W{0,4}(?:pg_catalog|information_schema|mysql\.(?:db|user)|schema_name|nvarchar|xp_\w{2,30}|sp_\w{2,30}|tempdb|msysaces|sysmaster|northwind)\W{0,4}$/
const mongo = /(?:^|[[{"'\s])\$(?:ne|eq|gte?|lte?|n?in|not|nor|or|and|regex|where|exists|elemmatch|expr|size|all|mod|type)["'\]]/

/** A number or a closed expression, and a comment for the rest of the query. */
const trailing = /^\s{0,4}-?\d[\d*+ ]{0,20}(?:--|\/\*|;\s?--)\s{0,4}$|\)\s{0,4}(?:--|#|\/\*)[\s-]{0,4}$/
/** Pieces of queries that begin or end in the middle. */
const pieces =
  /^\W{0,4}(?:like|rlike|regexp)(?:\W{1,4}null|\s{0,4}[('"]\W{0,2})?$|\blike\s{0,4}['"(]$|^\s{0,4}in\s{0,4}\((?:\s{0,4}\d{1,20}\s{0,4},){2}|^\)\s{0,4}(?:like|when|in|as|or|and)\b.{0,40}$|^from\s{1,4}[\w`."]{1,60}\s{1,4}(?:where|group by|order by|limit)\b|^from\s{1,4}`?information_schema|^\s{0,4}case\s.{1,60}\swhen\s|\d\.e\(|^if\s{0,4}\(\d{1,9}\s?=$|\b(?:select|union|drop|insert|update|delete|from|or|and|where|exec)\/\*[^*]{0,60}\*\/|^select\s{1,4}if\(|[\s&|;>]set\s{1,4}@\w|=\s{0,4}\(\s{0,4}select$|union(?:all)?select|\){2},\s?0x[0-9a-f]{4}|'\$\.[\w[\].]{1,40}'|^\\0x[0-9a-f]{3}|^div\s{0,2}\(\s?\d|^-{2}(?:alter|drop|select|union)\b|^\w{1,40}\/\*[^*/]{0,30}\s[^*/]{0,30}\*\/$|^(?:and|or)\s{1,4}(?:true|false|null)$/
/** What probes send to see whether anything breaks: only operators or quotes, numbers known to hang parsers. */
const probes =
  /^\s{0,4}(?:\|\||&&|<<|>>|<>|<=>)\s{0,4}$|^["'`]{2,8}$|^(?!(["'`])[^"'`]{1,3}\1$)(?=[^"'`]{0,12}["'`])(?=.{0,12}[=#^*?;])[\s"'`#=?*^<>;-]{2,20}$|^[()\s]{6,40}$|^2\.22507385850720\d\de-308$|^(?:%(?:25){0,3}|\\{1,2}x)(?:22|23|27|60)$/

/** A call of an SQL function that the value opens and does not close, and nothing else. */
export function fragment(text: string): boolean {
  const match = /^[\s('"/]{0,4}(\w{2,30})[^\w(]{0,8}\([\s\d'",)]{0,8}$/.exec(text)
  const kind = match ? sqlWords.get(match[1] ?? '') : undefined
  if (match && (text.endsWith('(') || text.split('(').length > text.split(')').length)) return kind !== undefined && kind !== 'logic'
  return kind === 'risk'
}
