import { groupsOf, groupWords, type Marks, signBits } from './marks.ts'
import { beginsSql, sqlWords } from './sql-words.ts'

/** How many units share their marks. */
export const blockSize = 500

/** What one pass over a text noticed: what each stretch of it has, and the places where a judge must look. */
export interface Survey {
  readonly all: Marks
  /** The marks of each `blockSize` units; a word across an edge is in both. */
  readonly blocks: readonly Marks[]
  /** Where SQL may begin or go on, in order: quotes, separators, and words of SQL. */
  readonly sqlPlaces: readonly number[]
  /** Where a shell may begin a command, in order. */
  readonly shellPlaces: readonly number[]
}

export function survey(text: string): Survey {
  const { length } = text
  const units = unitsOf(text)
  const blocks: Marks[] = []
  const sqlPlaces: number[] = []
  const shellPlaces: number[] = []
  let signs = 0
  let words = 0
  let allSigns = 0
  let allWords = 0
  let edge = blockSize
  for (let at = 0; at < length; ) {
    if (at >= edge) {
      blocks.push({ signs, words })
      allSigns |= signs
      allWords |= words
      signs = words = 0
      edge += blockSize
      continue
    }
    const code = units[at] ?? 0
    const role = code < 128 ? roles[code] : quiet
    if (role === letter) {
      let hash = code
      let end = at + 1
      let next = units[end] ?? 0
      while (next < 128 && roles[next] === letter) {
        hash = (Math.imul(hash, 31) + next) | 0
        next = units[++end] ?? 0
      }
      if (code === 95) signs |= signBits[95] ?? 0
      const known = meaning[hash & mask] ?? 0
      if (known !== 0 && end - at < 30) {
        const word = text.slice(at, end)
        const found = known & 1 ? groupsOf(word) : 0
        words |= found
        if (known & 2 && beginsSql(word) && !isOther(next) && !isOther(at > 0 ? (units[at - 1] ?? 0) : 0)) sqlPlaces.push(at)
        // A word across an edge is in the block behind it as well.
        if (found !== 0 && end > edge) {
          while (end >= edge) {
            blocks.push({ signs, words })
            allSigns |= signs
            allWords |= words
            signs = 0
            words = found
            edge += blockSize
          }
        }
      }
      at = end
      continue
    }
    if (role !== quiet) {
      signs |= signBits[code] ?? 0
      if (role === place) notice(code, at, units, sqlPlaces, shellPlaces)
    }
    at++
  }
  blocks.push({ signs, words })
  return { all: { signs: allSigns | signs, words: allWords | words }, blocks, sqlPlaces, shellPlaces }
}

/** Notes where a judge must look: `units` end with zeros. */
function notice(code: number, at: number, units: Uint16Array, sqlPlaces: number[], shellPlaces: number[]): void {
  const next = units[at + 1] ?? 0
  const doubled = next === code
  switch (code) {
    case 39:
    case 34:
      sqlPlaces.push(at)
      break
    case 59:
    case 96:
      sqlPlaces.push(at)
      shellPlaces.push(at)
      break
    case 124:
    case 38:
      if (doubled && units[at + 2] !== code) sqlPlaces.push(at)
      shellPlaces.push(at)
      break
    case 64:
    case 58:
      if (doubled) sqlPlaces.push(at)
      break
    case 10:
    case 13:
      shellPlaces.push(at)
      break
    default:
      if (next === 40) shellPlaces.push(at)
  }
}

let scratch = Buffer.alloc(1 << 14)
let scratchUnits = new Uint16Array(scratch.buffer, scratch.byteOffset, scratch.length >> 1)

/** The units of a text, two zeros behind them: however the engine keeps the text, reading them is as fast. Good until the next call. */
function unitsOf(text: string): Uint16Array {
  const needed = 2 * (text.length + 2)
  if (scratch.length < needed) {
    scratch = Buffer.alloc(2 * needed)
    scratchUnits = new Uint16Array(scratch.buffer, scratch.byteOffset, scratch.length >> 1)
  }
  scratch.write(text, 'utf16le')
  scratchUnits[text.length] = scratchUnits[text.length + 1] = 0
  return scratchUnits
}

const quiet = 0
const letter = 1
const plain = 2
const place = 3
const roles = new Uint8Array(128)
for (let code = 33; code < 127; code++) roles[code] = plain
for (let code = 0; code < 128; code++) if (/[a-z0-9_]/.test(String.fromCharCode(code))) roles[code] = letter
for (const sign of `'"\`;|&@:\n\r$<>`) roles[sign.charCodeAt(0)] = place

/** A sign of a word of SQL that is none of the words looked up here. */
const isOther = (code: number): boolean => code === 36 || (code > 0xa0 && code < 0xd800)

const mask = (1 << 15) - 1
/** 1 where a word of a group may fall, 2 where one of SQL may. */
const meaning = new Uint8Array(mask + 1)

function hashOf(word: string): number {
  let hash = word.charCodeAt(0)
  for (let at = 1; at < word.length; at++) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0
  return hash
}

for (const word of groupWords()) meaning[hashOf(word) & mask] = 1
for (const word of sqlWords.keys()) if (beginsSql(word)) meaning[hashOf(word) & mask] = (meaning[hashOf(word) & mask] ?? 0) | 2
