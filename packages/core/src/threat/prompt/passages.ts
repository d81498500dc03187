const passageLength = 800

/** The passages of a folded text: overlapping by half, so that none is cut where it matters. */
export function* passages(text: string): Generator<string> {
  if (text.length <= passageLength) return yield text
  for (let from = 0; from + passageLength / 2 < text.length; from += passageLength / 2) yield text.slice(from, from + passageLength)
}
