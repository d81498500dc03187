import type { Json } from '@agentgate/core'

/** Whether a value has more characters and members than so many: it stops counting there. */
export function longerThan(most: number, value: Json): boolean {
  let left = most
  const stack: Json[] = [value]
  for (let each = stack.pop(); each !== undefined && left >= 0; each = stack.pop()) {
    left -= typeof each === 'string' ? each.length + 1 : 1
    if (typeof each === 'object' && each !== null) stack.push(...Object.values(each).slice(0, left + 1))
  }
  return left < 0
}
