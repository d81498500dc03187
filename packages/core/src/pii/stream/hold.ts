import type { Detection } from '../detect.ts'
import { plain } from '../plain.ts'
import { back } from '../recognizer.ts'
import { recognizers } from '../recognizers.ts'

/** How far a pattern may go on before it is found at all: with `back`, 256 characters. */
const reach = 160
/** The longest unbroken word, and the longest PEM block, that is held to see whether it is a key. */
const longestWord = 16_384
const longestBlock = 65_536

/** What a key or a JSON web token begins with, where no letter or digit stands before it. */
const prefix = new RegExp(
  `(?<![A-Za-z0-9])(?:${recognizers
    .flatMap(({ kind, at }) => (kind === 'API_KEY' && typeof at === 'object' && 'words' in at ? at.words : []))
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|')})`,
)

/** From where on a text may still change its meaning with what follows. */
export function holdFrom(text: string, from: number): number {
  const view = plain(text)
  const seen = view.text
  const line = lineOf(seen)
  const window = Math.max(line, seen.length - reach)
  const live = /[\d@:=<&\\%+(]/.exec(seen.slice(window))
  let hold = Math.max(window, live ? window + live.index - back : seen.length - back)

  const word = wordAt(seen)
  const key = prefix.exec(seen.slice(word))
  hold = Math.max(line, Math.min(hold, Math.max(word, window) - back, key ? word + key.index - back : seen.length))

  const block = seen.lastIndexOf('-----BEGIN ')
  if (block >= 0 && seen.length - block < longestBlock && !/-----END [A-Z0-9 ]{1,80}-----/.test(seen.slice(block)))
    hold = Math.min(hold, block)
  const [start] = hold < seen.length ? view.span(hold, hold + 1) : [text.length]
  return Math.max(from, start)
}

/** What an address on several lines may begin with: a number before a name or after one at the end of a line, a ship, a unit. */
const addressLine =
  /\d[\w/-]{0,6}[,.]? {1,2}\p{L}|\p{L}[.,]? \d{1,4}[A-Za-z]?\s*$|(?<![\p{L}\d])(?:us(?:s|ns|nv|cgc)|psc|cmr|unit|[afd]po) /iu

/** Where the last line begins that says something: nothing goes on over the end of a line but addresses do. */
function lineOf(text: string): number {
  const line = text.trimEnd().lastIndexOf('\n') + 1
  return line > 0 && addressLine.test(text.slice(Math.max(0, line - reach), line)) ? 0 : line
}

/** Where the unbroken word begins that the text ends in. */
function wordAt(text: string): number {
  let word = text.length
  while (word > 0 && text.length - word < longestWord && /[!-~\u00a1-\u058f]/.test(text.charAt(word - 1))) word--
  return word
}

/** Not later than `until`, and not within a candidate. */
export function cutBefore(candidates: readonly Detection[], until: number): number {
  let at = until
  for (const { start, end } of [...candidates].sort((a, b) => b.end - a.end)) if (start < at && at < end) at = start
  return at
}
