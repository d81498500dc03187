import { flowing } from './stream/flow.ts'
import { maskFlow, type MaskStreamOptions } from './stream/mask-flow.ts'
import { restoreFlow, type RestoreStreamOptions } from './stream/restore-flow.ts'

export type { Held, StreamPlace } from './stream/place.ts'
export type { MaskStreamOptions } from './stream/mask-flow.ts'
export type { RestoreStreamOptions } from './stream/restore-flow.ts'

/** `maskFlow` as a stream of strings. */
export function maskStream(options: MaskStreamOptions): TransformStream<string, string> {
  return flowing(maskFlow(options))
}

/** `restoreFlow` as a stream of strings. */
export function restoreStream(options: RestoreStreamOptions): TransformStream<string, string> {
  return flowing(restoreFlow(options))
}
