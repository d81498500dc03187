import { isObject, type Json } from '../json.ts'

/** One string of a call's input. */
export interface Text {
  readonly text: string
  /** Where it stands: `/query`, `/filters/0/name`; names beyond 40 units and those with signs are shown as `*`. */
  readonly path: string
  /** The top-level argument it belongs to; empty for the names of the arguments themselves. */
  readonly argument: string
}

/** Every string in `value`, keys included, in reading order. */
export function* texts(value: Json, path = '', argument = ''): Generator<Text> {
  if (typeof value === 'string') yield { text: value, path: path === '' ? '/' : path, argument }
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* texts(item, `${path}/${index}`, argument)
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const here = `${path}/${plainName(key)}`
      yield { text: key, path: here, argument: '' }
      yield* texts(item, here, path === '' ? key : argument)
    }
  }
}

/** A name that is safe to show: one that could hold a value of its own is not shown. */
function plainName(key: string): string {
  return /^[\w.-]{1,40}$/.test(key) && !/\d{4}/.test(key) ? key : '*'
}
