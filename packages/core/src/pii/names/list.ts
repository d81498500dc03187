/** A list of words, unpacked when it is first asked. */
export interface List {
  readonly has: (word: string) => boolean
}

const capital = /[A-Z][^A-Z]*/g

/** Opens a list as scripts/gazetteer.ts packs it: each entry is a capital that counts what it shares with the last, and the rest. */
export function openList(packed: string): List {
  let words: Set<string> | undefined
  return {
    has(word) {
      words ??= unpack(packed)
      return words.has(word)
    },
  }
}

function unpack(packed: string): Set<string> {
  const words = new Set<string>()
  let last = ''
  for (const [entry] of packed.replaceAll('\n', '').matchAll(capital)) {
    last = last.slice(0, entry.charCodeAt(0) - 65) + entry.slice(1)
    words.add(last)
  }
  return words
}
