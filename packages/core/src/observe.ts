import type { Decision, Found, Outcome } from './decision.ts'

/** Watches what the gate does, after it is on record: live tails, audit logs, telemetry. It changes nothing and cannot refuse. */
export interface Observer {
  readonly decided?: (decision: Decision) => Promise<void> | void
  /** What detectors found in what a tool answered. Called when any found something. */
  readonly inspected?: (decision: Decision, findings: readonly Found[]) => Promise<void> | void
  /** `outcome` is masked. Called for refused calls too. */
  readonly settled?: (decision: Decision, outcome: Outcome) => Promise<void> | void
}

/** The decision without what its controls hold between the two halves: what may leave the gate. */
export function shown(decision: Decision): Decision {
  return { ...decision, findings: decision.findings.map(({ held: _, ...finding }) => finding) }
}

/** All observers as one. They are awaited, so that a log line exists when the call returns; what one throws goes to `failed`. */
export function observers(all: readonly Observer[], failed: (error: unknown) => void): Required<Observer> {
  const each = async (tell: (observer: Observer) => Promise<void> | void) => {
    await Promise.all(all.map(async (observer) => tell(observer))).catch(failed)
  }
  return {
    decided: (decision) => each(({ decided }) => decided?.(shown(decision))),
    inspected: (decision, findings) => each(({ inspected }) => inspected?.(shown(decision), findings)),
    settled: (decision, outcome) => each(({ settled }) => settled?.(shown(decision), outcome)),
  }
}
