import { detect, detecting } from '../../packages/core/src/threat/detect.ts'
import { maxLength } from '../../packages/core/src/threat/kind.ts'
import { maxPrompt, suspicionOf } from '../../packages/core/src/threat/prompt/score.ts'
import { stepsWithin } from '../../packages/core/src/threat/steps.ts'
import { type Talk, talk } from '../../packages/core/src/threat/talk.sample.ts'

type ArgumentKind = Parameters<typeof detect>[1]

/**
 * Payload detection: megabytes a second on texts of several kinds, made here, best of some rounds; and what hostile texts cost when they double,
 * up to four megabytes in the values of one call, which share one limit: `refused` is what was not judged to its end. The prompt
 * guard's time by length: `growth` 1 is linear, 2 would be quadratic.
 */
export async function bench() {
  return { speed: speeds(), reference: [reference()], growth: growths(), prompt_guard: guarded() }
}

/** What this machine does in the same units when it only looks at each sign once: figures are to be read against it. */
function reference() {
  const text = letters(1_000_000, 1)
  let hash = 0
  let best = 0
  for (let round = 0; round < 8; round++) {
    const began = performance.now()
    for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
    best = Math.max(best, text.length / 1e6 / ((performance.now() - began) / 1000))
  }
  return { loop: 'a hash of each sign', mb_s: Math.round(best), of: hash === 0 ? 'nothing' : 'prose' }
}

/** Units of one value. */
const sizes = [400, 4_000, 100_000]

function speeds() {
  return Object.entries(makers).flatMap(([text, make]) =>
    sizes.map((size) => {
      const values = Array.from({ length: Math.ceil(200_000 / size) }, (_, seed) => make(size, seed + 1))
      const bytes = values.reduce((total, value) => total + Buffer.byteLength(value), 0)
      return { text, units: size, strict_mb_s: rate(values, bytes, undefined), prose_mb_s: rate(values, bytes, 'prose') }
    }),
  )
}

function rate(values: readonly string[], bytes: number, kind: ArgumentKind): number | string {
  let best = 0
  // As a server that has run for a while: what is not yet compiled says nothing of it.
  for (const end = performance.now() + 700; performance.now() < end; ) {
    const began = performance.now()
    for (const value of values) {
      const told = outcome(value, kind)
      if (told === 'cannot tell') return told
    }
    best = Math.max(best, bytes / 1e6 / ((performance.now() - began) / 1000))
  }
  return Math.round(best * 10) / 10
}

function outcome(value: string, kind: ArgumentKind): 'found' | 'nothing' | 'cannot tell' {
  try {
    return detect(value, kind).length > 0 ? 'found' : 'nothing'
  } catch (error) {
    if (error instanceof RangeError) return 'cannot tell'
    throw error
  }
}

const makers: { readonly [text: string]: (size: number, seed: number) => string } = {
  'ordinary prose': (size, seed) => letters(size, seed),
  'prose full of words of SQL and shells': (size, seed) => talks(size, seed, ['sentence', 'letter'], ' '),
  'reviews, Markdown, tutorials': (size, seed) =>
    talks(size, seed, ['review', 'markdown', 'sql tutorial', 'shell manual', 'pages'], '\n\n'),
  JSON: (size, seed) => {
    const rows: unknown[] = []
    for (let made = 0, row = seed; made < size; row++) {
      const item = {
        id: row,
        name: `Item ${row}`,
        price: row * 1.25,
        tags: ['new', 'blue'],
        open: row % 2 === 0,
        note: 'as agreed',
        at: '2026-05-01T10:00:00Z',
      }
      rows.push(item)
      made += JSON.stringify(item).length + 1
    }
    return JSON.stringify(rows).slice(0, size)
  },
  code: (size, seed) => {
    let text = ''
    for (let line = seed; text.length < size; line++)
      text += `export function total${line}(items: readonly Item[]): number {\n  let sum = 0\n  for (const item of items) if (item.open && item.price > ${line}) sum += item.price * item.count\n  return sum\n}\n\n`
    return text.slice(0, size)
  },
  'form data': (size, seed) => {
    let text = ''
    for (let field = seed; text.length < size; field++) text += `field_${field}=value+${field}&city=S%C3%A3o+Paulo&q=two%20words&`
    return text.slice(0, size)
  },
  URLs: (size, seed) => {
    let text = ''
    for (let page = seed; text.length < size; page++) text += `https://www.example.com/shop/items/${page}?ref=mail&lang=en#top\n`
    return text.slice(0, size)
  },
  XML: (size, seed) => {
    let text = ''
    for (let row = seed; text.length < size; row++)
      text += `<item id="${row}"><name lang="en">Item ${row}</name><price>${row}.50</price></item>\n`
    return text.slice(0, size)
  },
}

/** A sentence of each line in turn, with lines between letters. */
function letters(size: number, seed: number): string {
  const parts: string[] = []
  for (let at = seed, made = 0; made < size; at++) {
    const part = `${sentences[at % sentences.length]}${at % 9 === 0 ? '\n\n' : ' '}`
    parts.push(part)
    made += part.length
  }
  return parts.join('').slice(0, size)
}

const sentences = [
  'The meeting has been moved to Thursday because the large room is not free before then.',
  'Please bring the figures for the last quarter, and tell the others that we start at nine.',
  'I spoke with our supplier about the delay; they promised to send everything by the end of the month.',
  'The weather was better than we thought, so the children stayed outside all afternoon.',
  'Could you let me know whether the train at 7:45 still runs during the holidays?',
  "We've read the report twice and it's still not clear to us why the costs went up.",
  'Her brother lives in a small town near the coast, where he keeps bees and repairs old boats.',
  'Thank you for the kind letter, which reached us on Tuesday (it took two weeks!).',
  'It would be good to have a list of people who can help on Saturday.',
  'My sister said "don\'t worry about the dishes", but I washed them anyway.',
  'Nobody remembered who had the keys, and the door was locked when we arrived.',
  'The recipe needs 250 g of flour, 3 eggs, a pinch of salt and some patience.',
  'Anna will call you at +1 (555) 123-4567 or write to you from anna@example.com.',
  'Prices rose by 3.5% last year: more than in the year before, less than in the one before that.',
  'We could either take the early flight or stay another night; both are fine with me.',
  'In his view the old bridge should be kept, repaired and opened to people on foot.',
  'São Paulo, Zürich and Kraków were the stops of our journey, in that order.',
  'The second half of the book is slower, though the ending made up for it.',
]

function talks(size: number, seed: number, kinds: readonly Talk[], between: string): string {
  let text = ''
  for (const [kind, piece] of talk(Math.ceil(size / 4), seed)) {
    if (!kinds.includes(kind)) continue
    text += piece + between
    if (text.length >= size) break
  }
  return text.slice(0, size)
}

/** What an attacker repeats to make a judge go back and forth. */
const hostile = [
  `'`,
  '"',
  '`',
  '(',
  ')',
  '[',
  '{',
  '<',
  '%',
  '%25',
  '%c0',
  '\\',
  '\\u00',
  '&',
  '&#',
  '&lt;',
  '/*',
  '*/',
  '--',
  '#',
  ';',
  '$(',
  '${',
  '../',
  '..',
  '|',
  '<a ',
  '<a b="',
  '<style ',
  '<script',
  '<div><p>',
  `' or `,
  `'--`,
  `'+`,
  'union ',
  'select ',
  '1 or 1 ',
  'if(',
  '; cat ',
  '`id` ',
  'http://1.1.1.1',
  'a=b&',
  'QUJD',
  'A',
  '0x',
  '\n',
  '\r\n',
  ' ',
  '＜',
  '\u200b',
  '\uFDFA',
  '{{',
  '{% ',
  '=call(1',
  '<!--',
  '(&(a=',
]

/** Megabytes of one call. */
const lengths = [0.5, 1, 2, 4]

function growths() {
  judged(`it's a; warm-up "of" <b>every</b> judge | and $(more) `.repeat(5_000), 1)
  return hostile.map((piece) => {
    const results = lengths.map((megabytes) => {
      const value = piece
        .repeat(Math.ceil(Math.min(megabytes * 1e6, maxLength) / piece.length))
        .slice(0, Math.min(megabytes * 1e6, maxLength))
      const first = judged(value, Math.ceil(megabytes))
      // What is over quickly is measured again: something else may have come between.
      const rounds = first.ms > 200 ? [first] : [first, judged(value, Math.ceil(megabytes)), judged(value, Math.ceil(megabytes))]
      return rounds.reduce((one, other) => (other.ms < one.ms ? other : one))
    })
    const ratios = results.slice(1).map(({ ms }, index) => Math.max(ms, floor) / Math.max(results[index]?.ms ?? 0, floor))
    return {
      repeated: JSON.stringify(piece),
      ...Object.fromEntries(results.map(({ ms }, index) => [`ms_${lengths[index]}_mb`, Math.round(ms)])),
      worst_ratio: Math.round(Math.max(...ratios) * 100) / 100,
      goal: 2.5,
      longest_slice_ms: Math.round(Math.max(...results.map(({ longest }) => longest))),
      told: results.map(({ told }) => told).join(' '),
    }
  })
}

const steering = [
  'ignore ',
  'ignor',
  'i g n o r e ',
  'bcc.',
  'забуд',
  'the user a',
  '(((',
  'system: ',
  '[a',
  'aGVsbG8gd29y',
  '%20 ',
  '1 0 1 ',
  'а',
  '<!-- ',
  'you are {',
  "n't ",
]

function guarded() {
  const time = (part: string, length: number) => {
    const text = part.repeat(length / part.length)
    const times = [0, 1, 2].map(() => {
      const before = process.cpuUsage().user
      suspicionOf(text)
      return (process.cpuUsage().user - before) / 1000
    })
    return Math.min(...times)
  }
  return steering.map((part) => {
    const [short, long] = [time(part, maxPrompt / 8), time(part, maxPrompt)]
    return {
      repeated: JSON.stringify(part),
      ms_25_kb: Math.round(short),
      ms_200_kb: Math.round(long),
      growth: Math.round((Math.log(Math.max(long, floor) / Math.max(short, floor)) / Math.log(8)) * 100) / 100,
    }
  })
}

/** Milliseconds below which a ratio says nothing. */
const floor = 5

/** Judges `count` values as one call would, in slices: processor time, so that others on this machine count for less. */
function judged(
  value: string,
  count: number,
): { readonly ms: number; readonly longest: number; readonly told: 'found' | 'nothing' | 'refused' } {
  const steps = stepsWithin()
  let ms = 0
  let longest = 0
  let told: 'found' | 'nothing' | 'refused' = 'nothing'
  try {
    for (let part = 0; part < count; part++) {
      const judging = detecting(value, undefined, steps)
      for (let done = false; !done; ) {
        const before = process.cpuUsage().user
        let step: ReturnType<typeof judging.next>
        try {
          step = judging.next()
        } finally {
          const took = (process.cpuUsage().user - before) / 1000
          ms += took
          longest = Math.max(longest, took)
        }
        done = step.done === true
        if (step.done && step.value.length > 0) told = 'found'
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    told = 'refused'
  }
  return { ms, longest, told }
}
