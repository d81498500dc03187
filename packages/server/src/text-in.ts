import { isObject, type Json } from '@agentgate/core'

/** A member that is text; empty for anything else. */
export function textIn(value: Json | undefined, member: string): string {
  const found = isObject(value) ? value[member] : undefined
  return typeof found === 'string' ? found : ''
}
