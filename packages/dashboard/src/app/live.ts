import { type Heard, Problem } from '@agentgate/api'
import { useEffect, useRef, useState } from 'react'

/** `refused`: the server will not stream to this person; asking again is useless. */
export type Line = 'connecting' | 'live' | 'broken' | 'refused'

/** Opens a stream behind the event `after`; `opened` is told once the server has accepted. */
export type Stream<T> = (given: { readonly after?: string; readonly signal: AbortSignal }, opened: () => void) => AsyncGenerator<Heard<T>>

/** Milliseconds before try number `tries`, counted from 0: half a second, doubling to 15 s. */
export const pause = (tries: number) => Math.min(15_000, 500 * 2 ** tries)

/**
 * Listens while shown, resumes behind the last event heard, and says how the line is: silence on a broken line is no news.
 *
 * A hidden tab hangs up, because a browser opens no more than six lines to one server. `again` is called when the line is
 * back and what happened in between may have been missed. `stream` must keep its identity.
 */
export function useLive<T>(stream: Stream<T>, hear: (data: T) => void, again: () => void): Line {
  const [line, setLine] = useState<Line>('connecting')
  const latest = useRef({ hear, again })
  useEffect(() => {
    latest.current = { hear, again }
  })
  useEffect(() => {
    const stop = new AbortController()
    void listen(stream, stop.signal, {
      hear: (data) => latest.current.hear(data),
      again: () => latest.current.again(),
      line: setLine,
    })
    return () => stop.abort()
  }, [stream])
  return line
}

interface Listener<T> {
  readonly hear: (data: T) => void
  readonly again: () => void
  readonly line: (line: Line) => void
}

async function listen<T>(stream: Stream<T>, stop: AbortSignal, { hear, again, line }: Listener<T>): Promise<void> {
  let after: string | undefined
  let tries = 0
  let missed = false
  while (!stop.aborted) {
    await shown(stop)
    const hidden = whenHidden(stop)
    const opened = () => {
      tries = 0
      line('live')
      if (missed && after === undefined) again()
      missed = false
    }
    try {
      for await (const { id, data } of stream({ signal: hidden.signal, ...(after !== undefined && { after }) }, opened)) {
        after = id ?? after
        hear(data)
      }
    } catch (error) {
      if (error instanceof Problem && error.status < 500 && error.status !== 429) return line('refused')
    } finally {
      hidden.forget()
    }
    if (stop.aborted) return
    if (document.visibilityState === 'visible') {
      line('broken')
      await new Promise((done) => setTimeout(done, pause(tries++)))
    }
    missed = true
  }
}

async function shown(stop: AbortSignal): Promise<void> {
  while (document.visibilityState === 'hidden' && !stop.aborted) {
    await new Promise((done) => document.addEventListener('visibilitychange', done, { once: true, signal: stop }))
  }
}

function whenHidden(stop: AbortSignal): { signal: AbortSignal; forget: () => void } {
  const hang = new AbortController()
  const check = () => {
    if (document.visibilityState === 'hidden') hang.abort()
  }
  document.addEventListener('visibilitychange', check)
  return { signal: AbortSignal.any([stop, hang.signal]), forget: () => document.removeEventListener('visibilitychange', check) }
}
