import { commands } from './commands.ts'
import { groupWords } from './marks.ts'
import { packedLength } from './packed.ts'
import { sqlWords } from './sql-words.ts'

/**
 * Whether a text is made of nothing but words that mean nothing in any language judged here, numbers, and the signs that stand between them in
 * names, dates and sentences. Nothing is found in such a text, declared as anything but a URL, nor in any part of it; one pass, most texts are
 * let go at their first unusual sign. `false` says nothing.
 */
export function isPlain(text: string): boolean {
  const { length } = text
  if (length === 0 || !begins(text.charCodeAt(0))) return false
  let hash = 0
  // The hash up to the last letter of a word: `python3` is `python`.
  let stem = 0
  // The hash from behind its last digit on: an identifying number before a word is cut off.
  let tail = 0
  let size = 0
  let before = 0
  // How long the run of signs that base64 is written with is up to here.
  let run = 0
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    const sign = code < 256 ? signs[code] : 0
    run = sign === letter || sign === digit || code === 45 || code === 47 ? run + 1 : 0
    if (run >= packedLength) return false
    if (sign === letter) {
      const low = code | 32
      hash = (Math.imul(hash, 31) + low) | 0
      stem = hash
      tail = (Math.imul(tail, 31) + low) | 0
      if (++size > 100 || (code === 95 && meaning[tail & mask] === 1)) return false
    } else if (sign === digit) {
      // `0x2e` and its kin are encodings.
      if ((before | 32) === 120) return false
      // An account number may be cut off in the middle of a word.
      if (
        length > 11 &&
        size > 2 &&
        signs[before] === digit &&
        signs[text.charCodeAt(at - 2)] === letter &&
        signs[text.charCodeAt(at - 3)] === letter
      )
        return false
      hash = (Math.imul(hash, 31) + code) | 0
      tail = 0
      if (++size > 100) return false
    } else if (sign === 0) return false
    else {
      if (size > 0) {
        if (means(hash) || means(stem) || means(tail)) return false
        hash = stem = tail = size = 0
      }
      if (sign === mark && !stands(code, before, text.charCodeAt(at + 1))) return false
    }
    before = code
  }
  if ((text.charCodeAt(0) | 32) === 111 && (text.charCodeAt(1) | 32) === 110 && length < 40) return false
  return !(size > 0 && (means(hash) || means(stem) || means(tail))) && !union.test(text)
}

const union = /union(?:all)?select/i

/** Whether a sign stands where names, dates and sentences have it. Two in a row begin operators, comments and climbs. */
function stands(code: number, before: number, after: number): boolean {
  if (signs[before] === mark) return false
  switch (code) {
    case 46:
      return (signs[before] === letter || !isWordSign(after)) && signs[before] !== blank
    case 58:
      // What ends in `t` may be a scheme that blanks take apart.
      return (before | 32) !== 116 && signs[before] !== blank
    case 40:
      return isWordSign(after)
    case 41:
      return isWordSign(before)
    default:
      return true
  }
}

const begins = (code: number): boolean => isWordSign(code) || (code >= 0xc0 && signs[code] === blank)
const isWordSign = (code: number): boolean => signs[code] === letter || signs[code] === digit

const letter = 1
const digit = 2
const blank = 3
const mark = 4
/** Of the signs below 256; 0 for those that a plain text has none of. */
const signs = new Uint8Array(256)
for (let code = 0; code < 256; code++)
  if (/[a-z_]/i.test(String.fromCharCode(code))) signs[code] = letter
  else if (code >= 48 && code <= 57) signs[code] = digit
signs[32] = blank
for (const sign of ',.-@/:()') signs[sign.charCodeAt(0)] = mark
// Letters of Latin-1 are their own compatibility forms; they end a word, so that what is beside them is looked up as well.
for (let code = 0xc0; code < 0x100; code++) if (code !== 0xd7 && code !== 0xf7) signs[code] = blank

const mask = (1 << 15) - 1
/** 1 where a word that means something may fall; others fall there by chance and are judged in full. */
const meaning = new Uint8Array(mask + 1)

const means = (hash: number): boolean => meaning[hash & mask] === 1

function hashOf(word: string): number {
  let hash = 0
  for (let at = 0; at < word.length; at++)
    hash = (Math.imul(hash, 31) + (word.charCodeAt(at) < 58 ? word.charCodeAt(at) : word.charCodeAt(at) | 32)) | 0
  return hash
}

/** What stands in patterns for whole values, and in names of files; with `_` at the end, any word that begins so. */
const others =
  'pg mysql sp_ xp_ config_ tempdb msysaces sysmaster northwind unionselect unionallselect configphp wp inf ini asa log php htaccess htpasswd boto ' +
  'etcpasswd passwd shadow env ssh git config settings error global https wss'
for (const words of [sqlWords.keys(), commands.keys(), groupWords(), others.split(' ')])
  for (const word of words)
    for (const piece of word.split(/[^a-z0-9_]+/)) if (piece.length > 1 || commands.has(piece)) meaning[hashOf(piece) & mask] = 1
