import { Fault } from './fault.ts'

/** The most values (members, items, and what holds them) that one input has, and the most characters of one text in it. */
export const maxValues = 20_000
export const maxText = 1_000_000

/**
 * Throws a `Fault` 422 that names the limit and `place`, a JSON Pointer, when a value is too much to be looked through while
 * others wait. Stops counting at the limit; goes as deep as the value does.
 */
export function withinBounds(value: unknown, place: string): void {
  const open: unknown[] = [value]
  for (let seen = 1; open.length > 0; ) {
    const each = open.pop()
    if (typeof each === 'string' && each.length > maxText) throw over(place, `a text of more than ${maxText} characters`)
    if (typeof each !== 'object' || each === null) continue
    for (const name of Object.keys(each)) {
      if (name.length > maxText) throw over(place, `a name of more than ${maxText} characters`)
      if (++seen > maxValues) throw over(place, `more than ${maxValues} values`)
      open.push((each as { readonly [name: string]: unknown })[name])
    }
  }
}

function over(place: string, what: string): Fault {
  const message = `The value at \`${place}\` holds ${what}: send less at once.`
  return new Fault(422, 'input-too-large', message, { errors: [{ path: place, message: `holds ${what}` }] })
}
