/** A text that comes in pieces and is let out changed, as soon as what is to come cannot change it any more. */
export interface Flow {
  /** Takes the next piece, of any length, and answers what can be let out. */
  readonly push: (piece: string) => Promise<string>
  /** What is still held, at the end of the text. Nothing may be pushed afterwards. */
  readonly end: () => Promise<string>
  /** How many characters are held back. */
  readonly held: () => number
}

/** The flow as a stream of strings. When it throws, the stream errors and lets nothing more out. */
export function flowing(flow: Flow): TransformStream<string, string> {
  const put = (text: string, controller: TransformStreamDefaultController<string>) => {
    if (text !== '') controller.enqueue(text)
  }
  return new TransformStream({
    transform: async (piece, controller) => put(await flow.push(piece), controller),
    flush: async (controller) => put(await flow.end(), controller),
  })
}

/** `text.slice(0, at)` may end between the halves of a surrogate pair: where to end it instead. */
export function wholeCharacters(text: string, at: number): number {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at
}
