import { isObject, type JsonObject } from '../../json.ts'
import { changed, type EventShape } from './event-shape.ts'

/**
 * The events of a stream with each text whole, in the event that began it. Events that only went on with one are left out, so that
 * what a stream came to can be looked at, recorded and restored like any other output.
 */
export function wholeEvents({ read }: EventShape, events: readonly JsonObject[]): readonly JsonObject[] {
  const texts = new Map<string, string>()
  for (const event of events) for (const { channel, text } of read(event).parts) texts.set(channel, (texts.get(channel) ?? '') + text)
  const begun = new Set<string>()
  const all = [...texts.keys()]
  return events.flatMap((event) => {
    const { parts, ends } = read(event)
    const here = new Map<string, string>()
    for (const { path, channel } of parts) {
      here.set(path, begun.has(channel) ? '' : (texts.get(channel) ?? ''))
      begun.add(channel)
    }
    if (parts.length === 0) return [event]
    const whole = changed(event, '', '', (value, path) => here.get(path) ?? value)
    const says = [...here.values()].some((text) => text !== '') || all.some(ends)
    return says && isObject(whole) ? [whole] : []
  })
}
