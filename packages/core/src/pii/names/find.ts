import * as cues from './cues.ts'
import { commonWords } from './common-words.ts'
import { givenNames } from './given-names.ts'
import { openList } from './list.ts'
import { surnames } from './surnames.ts'
import { technicalWords } from './technical-words.ts'
import { towns } from './towns.ts'
import { wordNames } from './word-names.ts'
import { type Word, wordsOf } from './words.ts'

export type NameKind = 'PERSON' | 'LOCATION' | 'ORGANIZATION'

/** A place where somebody or something is named; offsets in the text that was searched. */
export interface Named {
  readonly kind: NameKind
  readonly start: number
  readonly end: number
  readonly score: number
}

/** What patterns found: names stand beside addresses, and never inside anything. */
export interface Beside {
  readonly kind: string
  readonly start: number
  readonly end: number
}

const given = openList(givenNames)
const family = openList(surnames)
const ordinary = openList(wordNames)
const common = openList(commonWords)
const town = openList(towns)

/** Endings that surnames of many languages have. */
const surnameEnding =
  /(?:sson|dottir|sen|[a-z]{2}son|ov|ova|ev|eva|yev|sky|ski|ska|skij|cki|cka|wicz|vic|vich|evic|ovic|ic|enko|chuk|czyk|czak|nen|berg|stein|strom|qvist|quist|gaard|idis|akis|poulos|yan|shvili|adze|escu|eanu|dez|guez|rez|nez|aitis|oglu|ova|mann|meier|meyer|bauer|huber|stra|sma|inga|elli|etti|ucci|ello|ini|oni|eira|eiro|ette|eau|ault|ux)$/

interface Run {
  readonly words: readonly Word[]
  readonly at: number
  kind: NameKind | undefined
  weights: [number, number, number]
}

const kinds: readonly NameKind[] = ['PERSON', 'LOCATION', 'ORGANIZATION']
const enough = 1.2

/** Finds people, places and organisations by lists, shapes and the words around. `beside` is in order and apart. Time linear in the text. */
export function findNames(text: string, hint: string, beside: readonly Beside[]): readonly Named[] {
  const words = wordsOf(text)
  // One small word is what programs call things by.
  if (words.length === 1 && words[0]?.shape === 'lower') return []
  const flat = !words.some(({ shape }) => shape === 'capital' || shape === 'upper' || shape === 'camel')
  const runs = runsOf(words, flat, beside)
  for (const run of runs) weigh(run, words, text, hint, beside)
  settle(runs, words)
  return runs.flatMap(({ kind, words: [first, ...rest], weights }): Named[] => {
    const last = rest.at(-1) ?? first
    if (!kind || !first || !last) return []
    return [{ kind, start: first.start, end: last.end, score: Math.min(0.9, 0.5 + (Math.max(...weights) - enough) * 0.1) }]
  })
}

/** Sequences of words that look like names, apart from what patterns found. */
function runsOf(words: readonly Word[], flat: boolean, beside: readonly Beside[]): Run[] {
  const runs: Run[] = []
  const covered = coverOf(beside)
  for (let at = 0; at < words.length; ) {
    const length = covered(words[at]) ? 0 : lengthAt(words, at, flat, covered)
    if (length === 0) {
      at++
      continue
    }
    runs.push({ words: words.slice(at, at + length), at, kind: undefined, weights: [0, 0, 0] })
    at += length
  }
  return runs
}

function coverOf(beside: readonly Beside[]): Covered {
  return (word) => word !== undefined && (beside[firstFrom(beside, word.start + 1)]?.start ?? Infinity) < word.end
}

type Covered = (word: Word | undefined) => boolean

function lengthAt(words: readonly Word[], at: number, flat: boolean, covered: Covered): number {
  const phrase = phraseAt(words, at)
  const next = words[at + 1]
  // `Virginia Woolf` lives in no state.
  const also = phrase === 1 && given.has(words[at]?.folded ?? '') && next?.gap === ' ' && looksNamed(next, flat) && !covered(next)
  if (phrase > 0 && !also) return phrase
  return firmOfThree(words, at, flat) || runAt(words, at, flat, covered) || phrase
}

/** `Hall, Ward and Cole`: how firms are called, unless it is a list of people that a colon announced. */
function firmOfThree(words: readonly Word[], at: number, flat: boolean): number {
  const [one, two, and, three] = words.slice(at, at + 4)
  if (!one || !two || !and || !three || two.gap !== ', ' || and.gap !== ' ' || three.gap !== ' ' || !/^(?:and|&)$/.test(and.folded))
    return 0
  if (/[:,]/.test(one.gap) && !/^,? $/.test(one.gap)) return 0
  if (words[at - 1] && one.gap === ', ') return 0
  return [one, two, three].every((word) => (flat || word.shape === 'capital') && isName(word.folded) && !word.owns) ? 4 : 0
}

function isName(folded: string): boolean {
  return isSurname(folded) || ordinary.has(folded) || given.has(folded)
}

const space = /^[.]? $/

/** How many words from here on are a name that everybody knows; 0 for none. */
function phraseAt(words: readonly Word[], at: number): number {
  if (!cues.phraseStarts.has(words[at]?.folded ?? '')) return 0
  let phrase = ''
  let best = 0
  for (let length = 1; length <= 7; length++) {
    const word = words[at + length - 1]
    if (!word || (length > 1 && !/^,? $|^\n? ?$/.test(word.gap))) break
    phrase = phrase === '' ? word.folded : `${phrase} ${word.folded}`
    if (length === 1 && (word.shape === 'lower' ? common.has(word.folded) : false)) {
      if (!/^(?:the|united|new|costa|south|north)$/.test(word.folded)) return 0
      continue
    }
    const upper = length > 1 || word.shape !== 'lower' || word.folded.length > 4
    const famous = cues.knownPlaces.has(phrase) || (cues.knownOrgs.has(phrase) && (length > 1 || word.shape !== 'lower'))
    if (upper && famous && (length > 1 || !isShortWord(word))) best = length
    if (word.owns) break
  }
  return best
}

/** `us`, `it` and `turkey` are words until they are written as names. */
function isShortWord({ shape, folded }: Word): boolean {
  return shape === 'lower' && (folded.length < 5 || common.has(folded) || ordinary.has(folded))
}

/** `I'm`, `we'll`, `don't`. */
const contraction = /^[a-z]+'(?:m|ve|ll|d|re|t)$/

function looksNamed(word: Word, flat: boolean): boolean {
  if (contraction.test(word.folded)) return false
  if (word.shape === 'capital' || word.shape === 'camel' || word.shape === 'initial') return !cues.capitalised.has(word.folded)
  if (word.shape === 'upper') return !cues.capitalised.has(word.folded) && word.folded.length > 1
  if (!flat || word.shape !== 'lower' || common.has(word.folded)) return false
  return given.has(word.folded) || family.has(word.folded) || town.has(word.folded) || surnameEnding.test(word.folded)
}

function runAt(words: readonly Word[], at: number, flat: boolean, covered: Covered): number {
  const first = words[at]
  if (!first || !looksNamed(first, flat) || isOrdinary(first, words[at + 1], flat)) return 0
  let length = 1
  for (let end = at; !words[end]?.owns && length < 8; ) {
    const next = words[end + 1]
    if (!next || !(space.test(next.gap) && (next.gap === ' ' || words[end]?.shape === 'initial')) || covered(next)) break
    if (looksNamed(next, flat) || isSuffix(next)) {
      end++
      length = end - at + 1
      continue
    }
    let step = 1
    while (step < 4 && isLink(words[end + step])) step++
    const beyond = words[end + step]
    if (step === 1 || !beyond || beyond.gap !== ' ' || !looksNamed(beyond, flat) || covered(beyond)) break
    const link = words[end + 1]?.folded ?? ''
    if (link === 'of' ? !cues.orgOf.has(words[end]?.folded ?? '') : link === 'and' || link === '&' || link === 'the') break
    end += step
    length = end - at + 1
  }
  const tail = words[at + length]
  if (tail && /^,? $/.test(tail.gap) && cues.orgSuffix.has(tail.folded) && tail.shape !== 'lower' && !covered(tail)) length++
  return firm(words, at, length)
}

/** `Hall and Sons`, `H. J. Hall & Company`, `Hall & Cole`. */
function firm(words: readonly Word[], at: number, length: number): number {
  const last = words[at + length - 1]
  const and = words[at + length]
  const second = words[at + length + 1]
  if (!last || !and || !second || and.gap !== ' ' || second.gap !== ' ' || last.owns) return length
  if (/^(?:and|&)$/.test(and.folded) && firmWords.test(second.folded)) return length + 2
  return length
}

const firmWords = /^(?:sons|bros|brothers|partners|associates|daughters|co|company)$/

function isSuffix(word: Word): boolean {
  return cues.afterNames.has(word.folded) && (word.shape === 'upper' || word.shape === 'camel' || word.shape === 'capital')
}

function isLink(word: Word | undefined): boolean {
  return word?.gap === ' ' && word.shape === 'lower' && cues.particles.has(word.folded)
}

/** A word that begins a sentence and is an ordinary one: `Please call`, but not `Will Smith`. */
function isOrdinary(word: Word, next: Word | undefined, flat: boolean): boolean {
  if (cues.honorifics.has(word.folded) || cues.directions.has(word.folded)) return true
  if (given.has(word.folded) || town.has(word.folded)) return false
  if (word.shape === 'initial') return word.text.length < 2 || !next || next.gap !== ' ' || !looksNamed(next, flat)
  if (!word.first || flat) return false
  const named =
    next?.gap === ' ' && next.shape === 'capital' && (family.has(next.folded) || given.has(next.folded)) && !common.has(next.folded)
  if (ordinary.has(word.folded)) return !named
  return common.has(word.folded)
}

function weigh(run: Run, words: readonly Word[], text: string, hint: string, beside: readonly Beside[]): void {
  const { weights } = run
  const add = (leaning: cues.Leaning | undefined, part = 1) => {
    for (const index of [0, 1, 2] as const) weights[index] += (leaning?.[index] ?? 0) * part
  }
  const first = run.words[0]
  const last = run.words.at(-1)
  if (!first || !last) return
  add(itself(run.words))

  const previous = words[run.at - 1]
  const next = words[run.at + run.words.length]
  const rest = text.slice(last.end, last.end + 3)
  if (previous && /^[ \n]+$|^[.]? $|^[:,]? ?["“'‘(>]? ?$|^\s+$/.test(first.gap)) {
    const sameSentence = !/[:\n]/.test(first.gap)
    if (cues.honorifics.has(previous.folded) && !/,/.test(first.gap)) add([2.6, -0.5, -0.5], words[run.at - 2]?.folded === 'the' ? 0.3 : 1)
    else if (cues.kin.has(previous.folded) && sameSentence && !/,/.test(first.gap)) add([1, 0, -0.2])
    if (sameSentence) add(cues.before.get(previous.folded), /,/.test(first.gap) ? 0.25 : 1)
    if (sameSentence && /^(?:is|was|it's|its|'s|to|him|her|them|me)$/.test(previous.folded) && !/,/.test(first.gap)) {
      add(cues.labels.get(words[run.at - 2]?.folded ?? ''), 0.7)
    } else if (/:/.test(first.gap)) add(cues.labels.get(previous.folded))
    if (sameSentence && cues.workWords.has(words[run.at - 2]?.folded ?? '') && /^(?:for|at|of|with|by|in)$/.test(previous.folded))
      add([-0.6, 0, 1.6])
    if (
      sameSentence &&
      /^(?:from|in|to|at)$/.test(previous.folded) &&
      /^(?:live|lives|living|lived|born|grew|based|located|moved|travel\w*|arriv\w+|land\w*|stay\w*|stopp\w+|flew|fly|originally|going|return\w*|arrived|up|am|i'm|here)$/.test(
        words[run.at - 2]?.folded ?? '',
      )
    )
      add([-0.3, 0.6, 0])
  }
  if (next && /^[,.]? ?["”'’)]?,? ?$/.test(next.gap) && !last.owns) {
    const apart = /[,.]/.test(next.gap)
    add(cues.after.get(next.folded), apart ? 0.5 : 1)
    if (apart && (cues.knownPlaces.has(next.folded) || /^[A-Z]{2}$/.test(next.text)) && next.gap === ', ') add([-0.4, 1.3, -0.2])
  }
  if (first.gap === ', ' && /^[!?]/.test(rest)) add([0.9, -0.3, 0])
  if (first.first && rest.startsWith(', ') && next?.shape === 'lower') add([0.5, -0.1, 0])
  if (last.owns) add([0.4, 0.1, 0.2])
  if (/^ ?(?:=|\(\)|\{)/.test(rest)) add([-2, -2, -2])
  if (rest.startsWith(':') && first.first) add([0.6, 0, 0])

  if (hint !== '') for (const word of hint.split(' ')) add(cues.labels.get(word), run.words.length * 12 > text.length / 4 ? 0.6 : 0.2)
  lines(run, text, beside, add)
}

/** What the words of a name are by themselves. */
function itself(words: readonly Word[]): cues.Leaning {
  const phrase = words.map(({ folded }) => folded).join(' ')
  if (cues.knownOrgs.has(phrase)) return [0, 0, 3]
  if (cues.knownPlaces.has(phrase)) return [words.length === 1 && given.has(phrase) ? 0.6 : 0, 3, 0]

  const own = words.filter(({ folded, shape }) => shape !== 'initial' && !cues.particles.has(folded) && !cues.afterNames.has(folded))
  const [head, ...others] = own
  const tail = others.at(-1)
  if (!head) return [-1, -1, -1]
  const initials = words.some(({ shape }) => shape === 'initial')
  const known = own.map(({ folded }) => isGiven(folded))
  const rare = own.filter(({ folded }) => !common.has(folded)).length

  let person = 0
  let place = 0
  let organisation = 0
  if (!tail) {
    person = isTechnical(head)
      ? -1
      : head.shape === 'upper'
        ? 0.1
        : known[0]
          ? head.first
            ? 1
            : 1.2
          : isSurname(head.folded)
            ? 0.7
            : ordinary.has(head.folded)
              ? 0.2
              : common.has(head.folded)
                ? -1
                : head.first
                  ? 0.35
                  : 0.5
    if (initials) person += 0.8
  } else {
    const score = (folded: string) => (isGiven(folded) || isSurname(folded) ? 1 : isOften(folded) ? -0.8 : ordinary.has(folded) ? 0.4 : 0.5)
    person = (known[0] ? 1.5 : isSurname(head.folded) ? 0.7 : score(head.folded) - 0.2) + score(tail.folded)
    if (own.length > 2) person += own.slice(1, -1).reduce((sum, { folded }) => sum + score(folded) - 0.7, 0)
    if (initials) person += 0.4
    if (own.length > 4) person -= 1
  }
  if (cues.knownThings.has(phrase)) {
    person -= known[0] && !tail ? 0.6 : 2
    place -= 2
  }
  if (words.length > 1 && cues.thingEnds.has(words.at(-1)?.folded ?? '')) person -= 1.5
  if (words.some(({ folded }) => cues.afterNames.has(folded))) person += 0.8
  if (words.length > 1 && cues.streetEnds.has(words.at(-1)?.folded ?? '')) person -= 1.5

  if (town.has(phrase)) place += known[0] && !tail ? 0.8 : words.length > 1 ? 2.2 : 1.6
  else if (rare > 0) place += 0.3
  const [start] = words
  const end = words.at(-1)
  if (words.length > 1 && start && cues.placeStarts.has(start.folded)) {
    place += 0.9
    person -= 0.8
  }
  if (words.length > 1 && end && cues.placeEnds.has(end.folded)) place += 1.2
  if (own.length > 3) place -= 0.6

  if (end && words.length > 1 && cues.placeEnds.has(end.folded)) person -= 0.8
  if (end && words.length > 1 && cues.orgSuffix.has(end.folded)) {
    organisation += 4.5
    person -= 3
  }
  if (end && words.length > 1 && cues.orgEnds.has(end.folded)) organisation += rare > 0 || words.length > 2 ? 1.9 : 1.2
  if (words.some(({ folded }, index) => folded === 'of' && cues.orgOf.has(words[index - 1]?.folded ?? ''))) organisation += 2.5
  if (/ (?:and|&) (?:sons|bros|brothers|partners|associates|daughters|co|company)$/.test(phrase)) organisation += 4
  if (words.length === 4 && /^\S+ \S+ (?:and|&) \S+$/.test(phrase) && words[1]?.gap === ', ') return [0.2, -1, 2]
  if (head.shape === 'camel') organisation += 0.5
  if (head.shape === 'upper' && words.length === 1) organisation += head.text.length <= 5 ? 0.4 : 0
  if (
    words.length === 1 &&
    /^\p{L}+-\p{Lu}\p{L}+$/u.test(head.text) &&
    head.folded.split('-').every((part) => family.has(part) || ordinary.has(part))
  )
    organisation += 0.8
  if (!known[0] && rare > 0) organisation += 0.3
  return [person, place, organisation]
}

/** `TypeScript`, `Buffer`: what programs and their parts are called, unless people are called so. */
function isTechnical({ folded, shape }: Word): boolean {
  return !given.has(folded) && (technicalWords.has(folded) || (shape === 'camel' && !isSurname(folded)))
}

/** Words that texts are full of. */
function isOften(folded: string): boolean {
  return technicalWords.has(folded) || (common.has(folded) && !ordinary.has(folded))
}

function isGiven(folded: string): boolean {
  return given.has(folded) || (folded.includes('-') && folded.split('-').every((part) => given.has(part)))
}

function isSurname(folded: string): boolean {
  if (family.has(folded) || (folded.length > 5 && !common.has(folded) && surnameEnding.test(folded))) return true
  return folded.includes('-') && folded.split('-').some((part) => family.has(part))
}

type Add = (leaning: cues.Leaning | undefined, part?: number) => void

/** Blocks of an address: who, which house, the street, then town and country, each on its line. */
function lines(run: Run, text: string, beside: readonly Beside[], add: Add): void {
  const first = run.words[0]
  const last = run.words.at(-1)
  if (!first || !last || beside.length === 0) return
  for (let index = firstFrom(beside, first.start - 8); index < beside.length; index++) {
    const span = beside[index]
    if (!span) return
    const { kind, start, end } = span
    if (start > last.end + reach) return
    if (kind !== 'ADDRESS' && kind !== 'ZIP') continue
    if (end <= first.start && first.start - end < 8 && /^,? ?\n?,? ?[>?]*,? ?$/.test(text.slice(end, first.start))) add([-0.8, 1.7, -0.5])
    else if (start >= last.end) {
      const between = text.slice(last.end, start)
      if (/^,? ?\n?[ ,>]*$/.test(between) && kind === 'ZIP') add([-0.3, 1, -0.2])
      else if (/^[ ,]*\n/.test(between) && startsLine(text, first.start))
        add(/^[^\n]*\n\s*[>? ]*$/.test(between) ? [0.5, 0, 0.5] : [0.6, 0, 0.2])
    }
  }
}

/** How far after a name an address may stand that belongs to it. */
const reach = 60

/** The first of the spans, which are in order and apart, that ends at a place or after it. */
function firstFrom(spans: readonly Beside[], at: number): number {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.end ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

function startsLine(text: string, at: number): boolean {
  return /(?:^|\n)[ \t>?*-]*$/.test(text.slice(Math.max(0, at - 12), at))
}

/** Chooses each run's kind; then what is joined to a name by a comma or `and`, or is said again, leans the same way. */
function settle(runs: readonly Run[], words: readonly Word[]): void {
  for (const run of runs) choose(run)
  const people = new Set(runs.filter(({ kind }) => kind === 'PERSON').flatMap(({ words: own }) => own.map(({ folded }) => folded)))
  for (const [index, run] of runs.entries()) {
    for (const neighbour of [runs[index - 1], runs[index + 1]]) {
      if (!neighbour?.kind || !joined(neighbour, run, words)) continue
      const at = kinds.indexOf(neighbour.kind)
      run.weights[at === 0 ? 0 : at === 1 ? 1 : 2] += 0.6
    }
    if (run.kind === undefined && run.words.every(({ folded }) => people.has(folded))) run.weights[0] += 1
    choose(run)
  }
}

function joined(one: Run, other: Run, words: readonly Word[]): boolean {
  const [left, right] = one.at < other.at ? [one, other] : [other, one]
  const between = words.slice(left.at + left.words.length, right.at)
  const gap = right.words[0]?.gap ?? ''
  if (between.length === 0) return gap === ', '
  return between.length === 1 && /^(?:and|or|&)$/.test(between[0]?.folded ?? '')
}

function choose(run: Run): void {
  const most = Math.max(...run.weights)
  run.kind = most >= enough ? kinds[run.weights.indexOf(most)] : undefined
}
