/** A text as a model may read it, folded for comparison: lower case, no accents, runs of blanks as one. */
export interface Unwrapped {
  readonly text: string
  /** What it took to read it: nothing, or a disguise that ordinary text does not wear. */
  readonly disguise?: 'invisible' | 'lookalike' | 'spaced' | 'digits' | 'encoded' | 'reversed'
}

/**
 * The ways to read a text, as it stands first. Each disguise that is found adds one: invisible signs and tags of Unicode, letters of other
 * scripts that look alike, letters set apart, digits for letters, Base64, percent signs and other escapes, ROT13 and words written backwards.
 * All that is packed in a text is read, each by itself: together no longer than the text.
 */
export function unwrap(text: string): readonly Unwrapped[] {
  const plain = fold(text.replace(invisible, '').replace(tags, ''))
  const found: Unwrapped[] = [{ text: plain }]
  const known = new Set([plain])
  const add = (other: string, disguise: NonNullable<Unwrapped['disguise']>) => {
    if (other.length <= 5 || known.has(other)) return
    known.add(other)
    found.push({ text: other, disguise })
  }

  const tagged = [...text.matchAll(tags)].map(([sign]) => String.fromCharCode((sign.codePointAt(0) ?? 0) - 0xe0000)).join('')
  if (tagged.length > 0) add(fold(tagged), 'invisible')
  for (const [run] of text.matchAll(selectors)) add(fold(selected(run)), 'invisible')
  if (within.test(text)) add(`${plain} `, 'invisible')
  if (/[\u0370-\u04ff]/.test(text)) add(lookalikes(plain), 'lookalike')
  if (spacedOut.test(plain)) add(together(text), 'spaced')
  if ((plain.match(dashed)?.length ?? 0) > 1)
    add(
      plain.replace(dashed, (word) => word.replace(/[^a-z]/g, '')),
      'spaced',
    )
  if ((plain.match(mixed)?.length ?? 0) > 2) add(plain.replace(mixed, letters), 'digits')
  for (const [run] of text.matchAll(packedRun)) {
    const inside = decoded(run)
    if (inside !== undefined) add(fold(inside), 'encoded')
  }
  if ((text.match(escapes)?.length ?? 0) > 2) add(fold(percent(text)), 'encoded')
  for (const [run] of text.matchAll(bits)) add(fold(signs(run, /^[01\s]+$/.test(run) ? 2 : 16)), 'encoded')
  const squeezed = words(plain)
  if (squeezed !== undefined) add(squeezed, 'spaced')
  const said = speech(plain)
  for (const [other, disguise] of [
    [plain.replace(/[a-z]/g, rotated), 'encoded'],
    [[...plain].reverse().join(''), 'reversed'],
  ] as const)
    if (speech(other) > Math.max(2, 2 * said)) add(other, disguise)
  return found
}

/** One spelling of a text for comparison. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/\s+/g, ' ')
    .trim()
}

const invisible =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u{e0100}-\u{e01ef}]/gu
/** Between two letters of Latin, where no script needs one. */
const within = /[a-z][\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b\u2060\u3164\ufe00-\ufe0f\ufeff\uffa0\u{e0100}-\u{e01ef}][a-z]/iu
/** Selectors of variations, one after the other: a byte each. */
const selectors = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{6,}/gu
const tags = /[\u{e0020}-\u{e007e}]/gu
const spacedOut = /(?:\b[a-z0-9] ){8}/
/** A word whose letters are set apart by signs. */
const dashed = /(?<![a-z])[a-z](?:[-.*_|\u00b7][a-z]){4,}(?![a-z])/g
const escapes = /%[2-7][0-9a-f]|&#x?[0-9a-f]{2,6};|\\(?:u00|x)[2-7][0-9a-f]/gi
const mixed = /(?<![\p{L}\d_/.:=-])(?=[a-z0-9]{0,30}[a-z])(?=[a-z0-9]{0,30}[013457])[a-z013457]{3,30}(?![\p{L}\d_/.=-])/gu
const bits = /(?:[01]{8}\s?){4,400}|(?:[2-7][0-9a-f]\s?){12,800}/gi
const packedRun = /[A-Za-z0-9+/]{20,4000}={0,2}/g

const alike: { readonly [letter: string]: string } = {
  ...Object.fromEntries([...'аеорсухіјѕԁһӏвкмнт'].map((letter, index) => [letter, 'aeopcyxijsdhlbkmht'[index] ?? letter])),
  ...Object.fromEntries([...'αορτνικε'].map((letter, index) => [letter, 'aoptvike'[index] ?? letter])),
}

/** Words that mix scripts, and those of nothing but lookalikes beside them, in Latin. */
function lookalikes(text: string): string {
  const isMixed = (word: string) => /[a-z]/.test(word) && /[\u0370-\u04ff]/.test(word)
  const words = text.split(' ')
  if (!words.some(isMixed)) return text
  return words
    .map((word) =>
      [...word].every((letter) => letter in alike || !/[\u0370-\u04ff]/.test(letter))
        ? [...word].map((letter) => alike[letter] ?? letter).join('')
        : word,
    )
    .join(' ')
}

/** Letters set apart, joined: two blanks or more stay one. */
function together(text: string): string {
  return fold(
    text
      .split(/\s{2,}/)
      .map((part) => part.replace(/(?<=^|\s)(\S)\s(?=\S(?:\s|$))/g, '$1'))
      .join(' '),
  )
}

function letters(word: string): string {
  return word.replace(/[013457]/g, (digit) => ({ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't' })[digit] ?? digit)
}

function rotated(letter: string): string {
  return String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97)
}

function selected(run: string): string {
  return [...run]
    .map((sign) => sign.codePointAt(0) ?? 0)
    .map((code) => String.fromCharCode(code < 0xe0100 ? code - 0xfe00 : code - 0xe0100 + 16))
    .join('')
}

/** What Base64 holds, however often it was packed, where that is text of words. */
function decoded(run: string): string | undefined {
  let inside: string
  try {
    inside = atob(run.replace(/=+$/, ''))
  } catch {
    return undefined
  }
  if (/^[A-Za-z0-9+/]{20,}={0,2}$/.test(inside)) return decoded(inside)
  return /^[\x20-\x7e\s]+$/.test(inside) && / \w+ /.test(inside) ? inside : undefined
}

function percent(text: string): string {
  return text
    .replace(/(?:%|\\u00|\\x)([2-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#(?:x([0-9a-f]{2,5})|(\d{2,6}));/gi, (whole, hex: string | undefined, decimal: string | undefined) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code < 0x110000 ? String.fromCodePoint(code) : whole
    })
}

/** Signs by their numbers, eight bits or two digits each. */
function signs(run: string, base: 2 | 16): string {
  const width = base === 2 ? 8 : 2
  const plain = run.replace(/\s/g, '')
  return Array.from({ length: Math.floor(plain.length / width) }, (_, index) =>
    String.fromCharCode(Number.parseInt(plain.slice(index * width, index * width + width), base)),
  ).join('')
}

/** Words that were run together, or cut elsewhere, apart again, where nearly all of a short text is made of them. */
function words(text: string): string | undefined {
  if (text.length > 2000 || speech(text) > 0) return undefined
  const run = text
    .replace(/[0134578]/g, (digit) => ({ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b' })[digit] ?? digit)
    .replace(/[^a-z]/g, '')
  if (run.length < 24) return undefined
  const found = run.match(vocabulary) ?? []
  return found.length > 4 && found.reduce((sum, word) => sum + word.length, 0) > 0.4 * run.length ? found.join(' ') : undefined
}

const vocabulary =
  /instructions?|previous|disregard|permanently|administrator|credentials|confirmation|unrestricted|conversation|database|password|document|assistant|override|approval|remember|internal|disable|request|include|reveal|system|prompt|hidden|ignore|forget|bypass|secret|canary|export|without|append|values?|tenant|approve|records|safety|filters?|tokens?|rules|above|prior|print|show|call|next|tool|send|user|data|http|then|tell|with|this|that|your|read|run|all|and|the|any|you|me|to|of|is|a/g

/** How many of the commonest words of English stand in a text's first 2,000 units. */
function speech(text: string): number {
  return (
    text
      .slice(0, 2000)
      .match(
        /\b(?:the|and|you|your|all|to|of|is|this|that|then|for|with|an?|in|on|user|document|previous|instructions|system|prompt|reveal)\b/g,
      )?.length ?? 0
  )
}
