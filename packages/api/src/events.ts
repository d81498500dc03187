/** One server-sent event, as it came. */
export interface ServerEvent {
  readonly id?: string
  readonly event: string
  readonly data: string
}

/** Reads `text/event-stream` (HTML living standard, section 9.2). Comments (heartbeats) are skipped. Ends with the body. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + decoder.decode(value, { stream: true })).replaceAll('\r\n', '\n').split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = parseEvent(block)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function parseEvent(block: string): ServerEvent | undefined {
  let [id, event]: (string | undefined)[] = []
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, field = '', value = ''] = /^(\w+)(?:: ?(.*))?$/.exec(line) ?? []
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return data.length ? { ...(id !== undefined && { id }), event: event ?? 'message', data: data.join('\n') } : undefined
}
