import { type CustomRecognizer, type CustomSearch, customLimits, openRecognizer } from './custom.ts'
import type { Detection, Detector } from './detection.ts'
import { defaultKinds, nameKinds, patternKinds } from './kinds.ts'
import { findNames } from './names/find.ts'
import { findByPieces } from './pieces.ts'
import { plain } from './plain.ts'
import { inWords, longestRun, type Match, type Recognizer, type Trigger } from './recognizer.ts'
import { recognizers } from './recognizers.ts'
import { isSecretField } from './secrets.ts'
import { atOnce, inTurns, meter, sorting } from './turns.ts'

export type { CustomRecognizer } from './custom.ts'
export type { Detection, Detector } from './detection.ts'

export interface DetectOptions {
  /** The kinds to look for; `defaultKinds` unless told. */
  readonly kinds?: readonly string[]
  /** What to find besides. Their kinds are looked for unless `kinds` says which are. */
  readonly recognizers?: readonly CustomRecognizer[]
  /** Detections that are less sure are left out; 0.5 unless told. */
  readonly minScore?: number
}

const signs = '@:=-'
const other = 0
const digit = 1
const letter = 2
const sign = 3
const classes = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code)
  return /\d/.test(char) ? digit : /[A-Za-z]/.test(char) ? letter : signs.includes(char) ? sign : other
})

/** How long one text may be that is searched at once, in UTF-16 units. */
export const maxText = 1_000_000
/** How long one text may be that is searched in turns. */
export const maxTextInTurns = 16_000_000

/**
 * A detector of these kinds: time linear in the text, detections in reading order and apart from each other.
 * It throws a `RangeError` for a text of more than `maxText` characters, and here a `TypeError` for a kind it does not know.
 */
export function createDetector(options: DetectOptions = {}): Detector {
  const { minScore = 0.5 } = options
  const look = createFinder(options.kinds ?? defaultKinds, chosen(options))
  return (text, hint) => apart(look(text, hint).filter(({ score }) => score >= minScore))
}

let usual: Detector | undefined

/**
 * Finds the kinds of `options` in a text of at most `maxTextInTurns` characters, piece by piece, so that the thread is free for
 * others every few milliseconds. It rejects with the signal's reason once that is aborted.
 */
export async function detectInTurns(text: string, options: DetectOptions = {}, signal?: AbortSignal): Promise<readonly Detection[]> {
  const { minScore = 0.5 } = options
  refuseOver(text, maxTextInTurns)
  const find = createFinder(options.kinds ?? defaultKinds, chosen(options))
  const candidates = await inTurns(findByPieces(find, text), signal)
  return inTurns(parting(candidates.filter(({ score }) => score >= minScore)), signal)
}

/** Throws a `RangeError` for a text of more than `most` characters. */
export function refuseOver(text: string, most: number): void {
  if (text.length > most) {
    throw new RangeError(`A text of ${text.length} characters is too long to search for personal data: at most ${most}.`)
  }
}

/** Finds the kinds of `options` in a text; a detector made once is faster. */
export function detect(text: string, options?: DetectOptions): readonly Detection[] {
  usual ??= createDetector()
  return options ? createDetector(options)(text) : usual(text)
}

const names: ReadonlySet<string> = new Set(nameKinds)

function chosen({ kinds, recognizers = [] }: DetectOptions): readonly CustomRecognizer[] {
  return kinds ? recognizers.filter(({ kind }) => kinds.includes(kind)) : recognizers
}

/** All candidates of these kinds, by patterns and names, overlapping ones too. For whole texts: see `createSearch` for pieces. */
export function createFinder(kinds: readonly string[], recognizers: readonly CustomRecognizer[] = []): Detector {
  if (recognizers.length > 0) return withCustom(recognizers, kinds)
  const named = kinds.filter((kind) => names.has(kind))
  if (named.length === 0) return createSearch(kinds)
  const wanted = new Set(kinds)
  const search = createSearch([...new Set([...patternKinds, ...kinds])])
  return (text, hint = '') => {
    const candidates = search(text, hint)
    const view = plain(text)
    const found = findNames(view.text, inWords(hint), apart(candidates.filter(({ score }) => score >= 0.5)))
    return [
      ...candidates.filter(({ kind }) => wanted.has(kind)),
      ...found
        .filter(({ kind }) => wanted.has(kind))
        .map(({ kind, start, end, score }) => {
          const [first, last] = view.span(start, end)
          return { kind, start: first, end: last, score, recognizer: 'names' }
        }),
    ]
  }
}

function withCustom(recognizers: readonly CustomRecognizer[], kinds: readonly string[]): Detector {
  if (recognizers.length > customLimits.recognizers)
    throw new RangeError(`There are ${recognizers.length} custom recognizers: at most ${customLimits.recognizers} can be used at once.`)
  const searches = recognizers.map((recognizer): readonly [CustomRecognizer, CustomSearch] => [recognizer, openRecognizer(recognizer)])
  const own = new Set(recognizers.map(({ kind }) => kind))
  const find = createFinder(kinds.filter((kind) => known.has(kind) || !own.has(kind)))
  return (text, hint = '') => {
    const candidates = [...find(text, hint)]
    const view = plain(text)
    for (const [{ kind, name }, search] of searches) {
      search(view.text, inWords(hint), ([start, end, score]) => {
        const [first, last] = view.span(start, end)
        candidates.push({ kind, start: first, end: last, score, recognizer: name })
      })
    }
    return candidates
  }
}

const known: ReadonlySet<string> = new Set([...recognizers.map(({ kind }) => kind), ...nameKinds])

/** All candidates by patterns alone, overlapping ones too, in the order found: also in a piece of a text. It ignores kinds of names. */
export function createSearch(kinds: readonly string[]): Detector {
  const search = createSearchInTurns(kinds)
  return (text, hint) => atOnce(search(text, hint))
}

/** How much of a text is searched before others have their turn, in characters. */
const searchedAtOnce = 8_192

/** As `createSearch`, with a pause now and then: see `inTurns`. */
export function createSearchInTurns(kinds: readonly string[]): (text: string, hint?: string) => Generator<void, readonly Detection[]> {
  for (const kind of kinds) if (!known.has(kind)) throw new TypeError(`\`${kind.slice(0, 40)}\` is not a kind that is found here.`)
  const places = byPlace(recognizers.filter(({ kind }) => kinds.includes(kind)))

  const secret = kinds.includes('API_KEY')

  return function* (original, hint = '') {
    refuseOver(original, maxText)
    const { text, span } = plain(original)
    const words = inWords(hint)
    const candidates: Detection[] = []
    if (secret && isSecretField(original, hint)) {
      candidates.push({ kind: 'API_KEY', start: 0, end: original.length, score: 0.9, recognizer: 'secret-field' })
    }
    const found = ({ kind, name }: Recognizer, [start, end, score]: Match) => {
      if (isPartOfUuid(text, start, end)) return
      const [first, last] = span(start, end)
      candidates.push({ kind, start: first, end: last, score, recognizer: name })
    }
    for (let at = 0; at < text.length; ) {
      at = scan(text, at, at + searchedAtOnce, words, places, found)
      if (at < text.length) yield
    }
    return candidates
  }
}

const uuid = /(?<![0-9A-Za-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9A-Za-z])/gi
const uuidLength = 36

/** Whether what was found begins in a UUID (RFC 9562), whose digits say nothing by themselves, and is not all of it. */
function isPartOfUuid(text: string, start: number, end: number): boolean {
  const from = Math.max(0, start - uuidLength)
  for (const { index } of text.slice(from, start + uuidLength + 1).matchAll(uuid)) {
    const first = from + index
    if (first <= start && start < first + uuidLength && (first < start || end < first + uuidLength)) return true
  }
  return false
}

/** Of overlapping detections the surest, and of equally sure ones the longest, then the first; in reading order. */
export function apart(candidates: readonly Detection[]): readonly Detection[] {
  return atOnce(parting(candidates))
}

/** As `apart`, with a pause now and then: see `inTurns`. */
export function* parting(candidates: readonly Detection[]): Generator<void, readonly Detection[]> {
  const order = yield* sorting(candidates, (a, b) => a.start - b.start || b.end - a.end)
  const kept: Detection[] = []
  const enough = meter()
  for (let index = 0; index < order.length; ) {
    const chain: Detection[] = []
    for (let end = -1; index < order.length; index++) {
      const next = order[index]
      if (!next || (chain.length > 0 && next.start >= end)) break
      chain.push(next)
      end = Math.max(end, next.end)
      if (enough(0)) yield
    }
    for (const each of chain.length < 2 ? chain : yield* best(chain)) kept.push(each)
  }
  return kept
}

function* best(chain: readonly Detection[]): Generator<void, readonly Detection[]> {
  const first = chain[0]?.start ?? 0
  let last = first
  for (const { end } of chain) last = Math.max(last, end)
  const taken = new Uint8Array(last - first)
  const enough = meter()
  const kept: Detection[] = []
  for (const each of yield* sorting(chain, (a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start)) {
    const { start, end } = each
    let at = start
    while (at < end && taken[at - first] === 0) at++
    if (enough(at - start)) yield
    if (at < end) continue
    kept.push(each)
    taken.fill(1, start - first, end - first)
  }
  return yield* sorting(kept, (a, b) => a.start - b.start)
}

interface Places {
  /** By the length of the run of digits. */
  readonly runs: readonly (readonly Recognizer[])[]
  readonly scheme: readonly Recognizer[]
  readonly code: readonly Recognizer[]
  readonly pair: readonly Recognizer[]
  readonly signs: readonly (readonly Recognizer[])[]
  /** By the first two characters of a word: which of `words` to try. */
  readonly starts: Uint8Array
  readonly words: readonly (readonly (readonly [start: string, recognizer: Recognizer])[])[]
}

function byPlace(chosen: readonly Recognizer[]): Places {
  const at = (trigger: Trigger) => chosen.filter((each) => each.at === trigger)
  const starts = new Uint8Array(128 * 128)
  const words: (readonly [string, Recognizer])[][] = [[]]
  for (const recognizer of chosen) {
    for (const start of typeof recognizer.at === 'object' && 'words' in recognizer.at ? recognizer.at.words : []) {
      const pair = start.charCodeAt(0) * 128 + start.charCodeAt(1)
      if (!starts[pair]) starts[pair] = words.push([]) - 1
      words[starts[pair] ?? 0]?.push([start, recognizer])
    }
  }
  return {
    runs: Array.from({ length: longestRun + 1 }, (_, length) =>
      chosen.filter(
        (each) => typeof each.at === 'object' && 'digits' in each.at && each.at.digits[0] <= length && length <= each.at.digits[1],
      ),
    ),
    scheme: at('://'),
    code: at('code'),
    pair: at('pair'),
    signs: Array.from(signs, (sign) => at(sign as Trigger)),
    starts,
    words,
  }
}

const none: readonly Recognizer[] = []

function runAt(text: string, at: number): number {
  let end = at + 1
  while (end - at < longestRun && classes[text.charCodeAt(end)] === digit) end++
  return end - at
}

/**
 * Walks over the text from one place to another and to the end of its word, word by word, and asks at each place the recognizers
 * that may find something there. Answers where it has come to.
 */
function scan(
  text: string,
  from: number,
  to: number,
  hint: string,
  places: Places,
  found: (recognizer: Recognizer, match: Match) => void,
): number {
  const until = Math.min(to, text.length)
  const ask = (group: readonly Recognizer[], at: number) => {
    for (const recognizer of group) {
      const match = recognizer.find(text, at, hint)
      if (match) found(recognizer, match)
    }
  }
  const classOf = (at: number) => {
    const code = text.charCodeAt(at)
    return code < 128 ? classes[code] : other
  }
  let at = from
  while (at < until) {
    const kind = classOf(at)
    if (kind === sign) ask(text.startsWith('://', at) ? places.scheme : (places.signs[signs.indexOf(text.charAt(at))] ?? none), at)
    if (kind !== digit && kind !== letter) {
      at++
      continue
    }
    const start = at
    let firstDigit = -1
    let letters = 0
    for (let each: number | undefined = kind; each === digit || each === letter; each = classOf(++at)) {
      if (each === letter) letters++
      else if (firstDigit < 0) firstDigit = at
    }
    const pair = text.charCodeAt(start) * 128 + text.charCodeAt(start + 1)
    const group = places.starts[pair] ?? 0
    if (group > 0) for (const [word, recognizer] of places.words[group] ?? []) if (text.startsWith(word, start)) ask([recognizer], start)
    if ((at - start === 2 || at - start === 4) && ':-.'.includes(text.charAt(at))) ask(places.pair, start)
    if (firstDigit < 0) continue
    if (letters > 0) ask(places.code, start)
    if (firstDigit === start || firstDigit - start > 1) ask(places.runs[runAt(text, firstDigit)] ?? none, firstDigit)
  }
  return at
}
