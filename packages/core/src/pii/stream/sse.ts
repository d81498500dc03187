/** One server-sent event (WHATWG HTML, 9.2). A comment keeps a connection alive; its text is dropped. */
export type SseEvent = { readonly data: string; readonly event?: string; readonly id?: string } | { readonly comment: true }

/** The longest event, in characters. */
const longestEvent = 16_000_000

/** Reads events from bytes that may be cut anywhere, within a character too. What is not complete at the end is no event. */
export function sseReader(): { readonly push: (bytes: Uint8Array) => readonly SseEvent[] } {
  const decoder = new TextDecoder()
  let rest = ''
  let afterReturn = false
  let data: string[] = []
  let fields: { event?: string; id?: string } = {}
  let size = 0

  function line(text: string): SseEvent | undefined {
    if (text === '') {
      const event = data.length > 0 ? { ...fields, data: data.join('\n') } : undefined
      data = []
      fields = {}
      size = 0
      return event
    }
    if (text.startsWith(':')) return { comment: true }
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(text) ?? []
    size += text.length
    if (name === 'data') data.push(value)
    else if (name === 'event') fields.event = value
    else if (name === 'id') fields.id = value
    return undefined
  }

  return {
    push(bytes) {
      let text = decoder.decode(bytes, { stream: true })
      if (text === '') return []
      if (afterReturn && text.startsWith('\n')) text = text.slice(1)
      afterReturn = (text === '' && afterReturn) || text.endsWith('\r')
      const lines = (rest + text).split(/\r\n|\n|\r/)
      rest = lines.pop() ?? ''
      if (size + rest.length > longestEvent)
        throw new RangeError(`A server-sent event of more than ${longestEvent} characters is too long.`)
      return lines.flatMap((each) => line(each) ?? [])
    },
  }
}

/** The event as it is sent. */
export function sseText(event: SseEvent): string {
  if ('comment' in event) return ':\n\n'
  const named = (event.event === undefined ? '' : `event: ${event.event}\n`) + (event.id === undefined ? '' : `id: ${event.id}\n`)
  const data = event.data.split('\n').map((line) => `data: ${line}\n`)
  return `${named}${data.join('')}\n`
}
