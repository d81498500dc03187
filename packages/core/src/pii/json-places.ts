/**
 * Follows a text from its beginning, in as many pieces as it comes, and knows how deep in JSON strings its end stands: a value
 * put there must be escaped as often, or a quote in it would end a string and its text become members. It reads through
 * documents that are written in the strings of documents. In any text that is no JSON document the depth is 0 everywhere.
 */
export interface JsonPlaces {
  readonly read: (text: string) => void
  /** A token stands here: what it stands for is never read, so that it says nothing about what comes after. */
  readonly token: () => void
  /** How many JSON strings are open. */
  readonly depth: () => number
  /** Whether the text is a JSON document; `undefined` until its first characters say so. */
  readonly document: () => boolean | undefined
  /** Whether the outermost string begins right here. */
  readonly opened: () => boolean
  /** Whether an escape is only half read. */
  readonly pending: () => boolean
  readonly copy: () => JsonPlaces
}

/** How many documents within strings of documents are read through; what is deeper counts as text. */
const deepest = 6

/** A document, or a text that may turn out to be one. */
interface Layer {
  document: boolean | undefined
  /** The bracket that it began with. */
  bracket: string
  /** What the open string holds so far, as a document of its own. */
  inner: Layer | undefined
  /** The escape that is being read, from its backslash on. */
  escape: string
  /** Whether nothing of the open string was read yet. */
  fresh: boolean
}

/** Places in a text that `isDocument` for certain, as the arguments of a tool that a model calls, or else by how it begins. */
export function jsonPlaces(isDocument = false): JsonPlaces {
  return following(newLayer(isDocument || undefined))
}

function newLayer(document?: boolean): Layer {
  return { document, bracket: '', inner: undefined, escape: '', fresh: false }
}

function following(outer: Layer): JsonPlaces {
  return {
    read(text) {
      if (outer.document === false) return
      for (let at = 0; at < text.length; at++) readInto(outer, text.charAt(at), 1)
    },
    token() {
      for (let layer: Layer | undefined = outer; layer; layer = layer.inner) {
        layer.document ??= layer.bracket !== ''
        layer.fresh = false
        layer.escape = ''
      }
    },
    depth() {
      let depth = 0
      for (let layer: Layer | undefined = outer; layer?.inner && layer.document; layer = layer.inner) depth++
      return depth
    },
    document: () => outer.document,
    opened: () => outer.inner !== undefined && outer.fresh,
    pending() {
      for (let layer: Layer | undefined = outer; layer; layer = layer.inner) if (layer.escape !== '') return true
      return false
    },
    copy: () => following(copied(outer)),
  }
}

function copied(layer: Layer): Layer {
  return { ...layer, inner: layer.inner && copied(layer.inner) }
}

const meanings: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

function readInto(layer: Layer, char: string, level: number): void {
  if (layer.document === false) return
  if (layer.document === undefined && !begun(layer, char)) return
  if (!layer.inner) {
    if (char !== '"') return
    layer.inner = newLayer(level < deepest ? undefined : false)
    layer.fresh = true
    return
  }
  if (layer.escape !== '') {
    layer.escape += char
    if (layer.escape.charAt(1) === 'u' && layer.escape.length < 6) return
    const said = char === layer.escape.charAt(1) ? (meanings[char] ?? char) : fromHex(layer.escape.slice(2))
    layer.escape = ''
    readInto(layer.inner, said, level + 1)
  } else if (char === '"') {
    layer.inner = undefined
    layer.fresh = false
    return
  } else if (char === '\\') layer.escape = char
  else readInto(layer.inner, char, level + 1)
  layer.fresh = false
}

function fromHex(digits: string): string {
  return /^[0-9a-f]{4}$/i.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : '?'
}

/** Whether the document has begun with what a document may begin with, so that `char` is to be read. */
function begun(layer: Layer, char: string): boolean {
  if (/[\s\ufeff]/.test(char)) return false
  if (layer.bracket === '') {
    if (char === '{' || char === '[') layer.bracket = char
    else layer.document = false
    return false
  }
  layer.document = (layer.bracket === '{' ? /["}]/ : /["{[\]\-0-9tfn]/).test(char)
  return layer.document
}
