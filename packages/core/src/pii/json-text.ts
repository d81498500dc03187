/**
 * Whether a place in a text is inside a JSON string, for texts that are themselves JSON documents, as the arguments of a tool
 * that a model calls often are: a value that is put there must be escaped, or a quote in it would end the string. Everywhere in
 * any other text the answer is no.
 */
export function jsonStrings(text: string): (at: number) => boolean {
  if (!/^\s{0,64}[[{]/.test(text)) return () => false
  const quotes: number[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) quotes.push(at)
    else if (code === 92 && quotes.length % 2 === 1) at++
  }
  let passed = 0
  return (at) => {
    if (passed > 0 && (quotes[passed - 1] ?? 0) >= at) passed = 0
    while (passed < quotes.length && (quotes[passed] ?? 0) < at) passed++
    return passed % 2 === 1
  }
}
