/** A member of the URL's search that is one of `known`, or absent. */
export function oneOf<const T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((each) => each === value)
}

/** A member of the URL's search that is text of a sane length, or absent. Numbers count: the router reads `?id=12` as one. */
export function text(value: unknown, longest = 300): string | undefined {
  const read = typeof value === 'number' ? String(value) : value
  return typeof read === 'string' && read !== '' && read.length <= longest ? read : undefined
}

/** A member of the URL's search that is a whole number from 1, or absent. */
export function whole(value: unknown): number | undefined {
  const read = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof read === 'number' && Number.isInteger(read) && read >= 1 && read < 1e9 ? read : undefined
}

/** The members that are there. */
export function present<T extends object>(search: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** Where to go after sign-in: a path of this console, never another site. */
export function safeNext(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])[\w\-./?=&%:~+,]*$/.test(value) && !value.startsWith('/sign-in') ? value : '/dashboard'
}
