import { obligationsOf } from './annotations.ts'
import type { CedarPolicy } from './cedar-text.ts'
import { ruleOf } from './changes.ts'
import { reach } from './reach.ts'
import type { PolicyTool } from './schema.ts'

/** Calls of which a permit asks something, and which a new permit may let pass without. */
export interface Evaded {
  /** The permit that asks. */
  readonly id: string
  /** The new one. */
  readonly by: string
  readonly tools: readonly string[]
}

/**
 * Of the permits that ask for something, those whose calls a new permit may let pass with less: both are for the same tool.
 * Whether their other conditions ever meet is not looked at, so it says too much rather than too little.
 */
export function evaded(before: readonly CedarPolicy[], after: readonly CedarPolicy[], tools: readonly PolicyTool[]): readonly Evaded[] {
  const had = new Set(before.map(ruleOf))
  const fresh = after.filter((each) => each.effect === 'permit' && !had.has(ruleOf(each)))
  const asking = before.filter((each) => each.effect === 'permit' && duties(each).length > 0)
  if (fresh.length === 0 || asking.length === 0) return []
  const reached = new Map([...fresh, ...asking].map((each) => [each, new Set(reach(each, tools).map(({ name }) => name))]))
  return asking.flatMap((older) =>
    fresh.flatMap((permit) => {
      const asked = new Set(duties(permit))
      if (duties(older).every((duty) => asked.has(duty))) return []
      const also = reached.get(permit)
      const both = [...(reached.get(older) ?? [])].filter((name) => also?.has(name))
      return both.length > 0 ? [{ id: older.id, by: permit.id, tools: both }] : []
    }),
  )
}

function duties({ id, annotations }: CedarPolicy): readonly string[] {
  return obligationsOf(id, annotations).map(({ name, value }) => `@${name}(${JSON.stringify(value)})`)
}
