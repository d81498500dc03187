import type { Clock } from './clock.ts'
import type { Control, Detect, Mask } from './control.ts'
import type { Draft, Proof } from './decision.ts'
import type { Recorder } from './evidence/recorder.ts'
import type { Observer } from './observe.ts'
import type { Parse } from './tool/parse.ts'
import type { Calls } from './trace/calls.ts'

/** What a gate is made of, in the order of its sentence. */
export interface Rooms {
  readonly parse: Parse
  readonly detect: readonly Detect[]
  readonly mask: Mask
  readonly controls: readonly Control[]
  readonly prove: (draft: Draft) => Promise<Proof>
  readonly recorder: Recorder
  readonly calls: Calls
  readonly observe?: readonly Observer[]
  /** Hears what an observer, or settling a lost call, threw: for the log. */
  readonly failed?: (error: unknown) => void
  readonly clock: Clock
  readonly newId: () => string
  /** How long deciding may take, and checking an output: milliseconds. */
  readonly patience?: number
  /** How long an allow lasts, and with it the right to the restored input: milliseconds. */
  readonly lease?: number
  /** How long after its decision an allowed call is `lost` that nobody reported: milliseconds, as long as the allow lasts or longer. */
  readonly running?: number
}
