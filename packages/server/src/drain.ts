import type { IncomingMessage } from 'node:http'

/** Bytes and milliseconds that are spent on a body which nobody reads. */
const limits = { bytes: 32 << 20, ms: 10_000 } as const

/**
 * Lets what is left of a body pass by unread, as far as the limits go. Clients that are still sending learn of an answer only
 * then: a connection that closes on them is a broken one.
 */
export function drained(request: IncomingMessage, { bytes, ms } = limits): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let seen = 0
    const timer = setTimeout(end, ms)
    function count(chunk: Buffer) {
      seen += chunk.length
      if (seen > bytes) end()
    }
    function end() {
      clearTimeout(timer)
      request.pause()
      request.off('data', count).off('end', end).off('error', end).off('close', end)
      resolve()
    }
    request.on('data', count).on('end', end).on('error', end).on('close', end).resume()
  })
}
