import type { Hit } from './kind.ts'
import { sqlQuery } from './sql.ts'
import { sqlWords } from './sql-words.ts'
import { atOnce, type Steps } from './steps.ts'

/**
 * Whether a text is one whole query that only reads named columns or all of them, as tutorials show: complete, without comments, variables,
 * objects that only attacks name, or anything that an injection adds to a query.
 */
export function isQuery(text: string, steps: Steps): boolean {
  const query = text.trim().toLowerCase().replace(/;$/, '')
  if (query.length > 2000 || !reads.test(query) || foreign.test(query) || unfinished.test(query)) return false
  steps.take(4 * query.length)
  const bare = query.replace(/'[^']*'|"[^"]*"/g, '')
  if (/['"]/.test(bare)) return false
  let depth = 0
  for (const sign of bare) {
    if (sign === '(') depth++
    else if (sign === ')' && --depth < 0) return false
  }
  if (depth !== 0 || (bare.match(/[a-z_]\w*/g) ?? []).some((word) => sqlWords.get(word) === 'risk')) return false
  const hits: Hit[] = []
  atOnce(sqlQuery(query, hits, steps))
  return hits.length === 0
}

const reads = /^select\s[^;]{1,1900}\sfrom\s{1,8}[a-z_]/
/** Signs and names that a query of a tutorial has no use for. */
const foreign = /[@#\\`{}\0]|--|\/\*|\b0x|\b(?:sys|pg_|all_|dba_|v\$|sqlite_|msys)\w|\b(?:mysql|master|into|union)\b/
const unfinished = /(?:\b(?:where|and|or|not|from|by|on|in|like|join|select)|[=<>,(+*/-])$/
