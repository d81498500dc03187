import { fold } from './fold.ts'

/** One word of a text, without the quotes and stops around it. */
export interface Word {
  readonly text: string
  /** As the lists have it, without `'s`. */
  readonly folded: string
  readonly start: number
  readonly end: number
  readonly shape: 'capital' | 'upper' | 'camel' | 'lower' | 'initial' | 'number'
  /** What stands between it and the word before, beginning with the last word's stops. */
  readonly gap: string
  /** Whether a sentence, a line or a quotation begins here. */
  readonly first: boolean
  /** Whether `'s` follows. */
  readonly owns: boolean
}

const chunk = /\S+/g
/** What most words are: letters, and a stop. */
const ordinary = /^([a-z]{1,40})[,.;:!?]*$/
/** A gap after which a sentence, a line or a quotation begins. */
const starts = /[.!?:\n>"“]/
const edges = /^[^\p{L}\p{N}]*|[^\p{L}\p{N}]*$/gu
const noName = /[@/\\_#=<{}[\]$%^~|*`+]|:\/\/|\.\p{L}{2,}\(|\p{L}\(|[\p{L}\d]\.\p{Ll}{2,}|\d\p{L}{3,}\d|::/u
const possessive = /['’]s$/u
const joined = /^(\p{L}[\p{L}\p{M}'’.-]*?)([,;:!?"”]+)(\p{L}.*)$/u

/** The words of a text in order. What looks like code, a path or an address of the web is no word: it only makes a gap. */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = []
  let last = 0
  const add = (piece: string, at: number) => {
    const [lead = ''] = /^[^\p{L}\p{N}]*/u.exec(piece) ?? []
    let inner = piece.slice(lead.length).replace(/[^\p{L}\p{N}]+$/u, '')
    if (inner === '' || inner.length > 40) return
    const start = at + lead.length
    if (/^\p{Lu}$/u.test(inner) && piece.charAt(lead.length + 1) === '.') inner += '.'
    const owns = possessive.test(inner)
    if (owns) inner = inner.slice(0, -2)
    const gap = text.slice(last, start)
    last = start + inner.length
    words.push({
      text: inner,
      folded: fold(inner.replace(/\.$/, '')),
      start,
      end: last,
      shape: shapeOf(inner),
      gap,
      first: words.length === 0 || (gap !== ' ' && starts.test(gap)),
      owns,
    })
  }
  for (const found of text.matchAll(chunk)) {
    const [piece] = found
    const at = found.index
    const [, word] = ordinary.exec(piece) ?? []
    if (word !== undefined) {
      const gap = text.slice(last, at)
      last = at + word.length
      const first = words.length === 0 || (gap !== ' ' && starts.test(gap))
      words.push({ text: word, folded: word, start: at, end: last, shape: 'lower', gap, first, owns: false })
      continue
    }
    if (noName.test(piece.replace(edges, '')) || /^[#@$]/.test(piece)) continue
    const parts = joined.exec(piece)
    if (parts) {
      add(`${parts[1] ?? ''}`, at)
      add(`${parts[3] ?? ''}`, at + (parts[1] ?? '').length + (parts[2] ?? '').length)
    } else add(piece, at)
  }
  return words
}

function shapeOf(word: string): Word['shape'] {
  if (/\p{N}/u.test(word)) return 'number'
  if (/^\p{Lu}\.?$/u.test(word)) return 'initial'
  if (/^[\p{Lu}\p{M}'’.&-]+$/u.test(word)) return 'upper'
  if (/^\p{Lu}/u.test(word))
    return /^\p{Lu}[\p{Ll}\p{M}]+\p{Lu}/u.test(word) && !/^(?:Mc|Mac|De|Di|La|Le|Van|O['’])/.test(word) ? 'camel' : 'capital'
  return 'lower'
}
