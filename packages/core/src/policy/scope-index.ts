import type { Request } from './request.ts'
import type { Scope } from './scope.ts'
import type { EntityRef } from './value.ts'

/** What must hold before any condition of a policy is looked at. */
export interface Scopes {
  readonly principal: Scope
  readonly action: Scope
  readonly resource: Scope
}

type Buckets = Map<string, number[]>

/** The policies filed under one of the three: by the entity itself, by one above it, by its type. */
interface Shelf {
  readonly equal: Buckets
  readonly in: Buckets
  readonly type: Buckets
}

interface Filing {
  readonly shelf: Shelf
  readonly by: keyof Shelf
  readonly keys: readonly string[]
}

/**
 * Finds the policies whose scope could hold for a request, so that the cost of a decision follows them and not the set.
 *
 * Each policy is filed once, where it shares its keys with the fewest others. Answers places in `scopes`, each once, in
 * no order; what is not answered cannot apply, and cannot fail.
 */
export function scopeIndex(scopes: readonly Scopes[]): (request: Request) => readonly number[] {
  const shelf = (): Shelf => ({ equal: new Map(), in: new Map(), type: new Map() })
  const shelves = { principal: shelf(), action: shelf(), resource: shelf() }
  const filings = scopes.map(({ principal, action, resource }) =>
    [filing(shelves.principal, principal), filing(shelves.action, action), filing(shelves.resource, resource)].filter(
      (each) => each !== undefined,
    ),
  )
  const crowds = new Map<Buckets, Map<string, number>>()
  for (const { shelf, by, keys } of filings.flat()) {
    const crowd = crowds.get(shelf[by]) ?? new Map<string, number>()
    crowds.set(shelf[by], crowd)
    for (const key of keys) crowd.set(key, (crowd.get(key) ?? 0) + 1)
  }
  const crowding = ({ shelf, by, keys }: Filing) => keys.reduce((sum, key) => sum + (crowds.get(shelf[by])?.get(key) ?? 0), 0)

  const always: number[] = []
  for (const [place, options] of filings.entries()) {
    const [best] = options.sort((a, b) => crowding(a) - crowding(b))
    if (!best) always.push(place)
    for (const key of best?.keys ?? []) file(best?.shelf[best.by], key, place)
  }
  return (request) => {
    const found = [...always]
    take(found, shelves.principal, request.principal, request)
    take(found, shelves.action, request.action, request)
    take(found, shelves.resource, request.resource, request)
    return found
  }
}

function filing(shelf: Shelf, scope: Scope): Filing | undefined {
  switch (scope.asks) {
    case 'nothing':
      return undefined
    case 'equal':
      return { shelf, by: 'equal', keys: [scope.entity.key] }
    case 'in':
      return { shelf, by: 'in', keys: [...new Set(scope.entities.map(({ key }) => key))] }
    case 'type':
      return scope.above ? { shelf, by: 'in', keys: [scope.above.key] } : { shelf, by: 'type', keys: [scope.type] }
  }
}

function file(buckets: Buckets | undefined, key: string, place: number): void {
  const bucket = buckets?.get(key)
  if (bucket) bucket.push(place)
  else buckets?.set(key, [place])
}

function take(found: number[], shelf: Shelf, entity: EntityRef, { entities }: Request): void {
  if (shelf.equal.size > 0) found.push(...(shelf.equal.get(entity.key) ?? []))
  if (shelf.type.size > 0) found.push(...(shelf.type.get(entity.type) ?? []))
  if (shelf.in.size === 0) return
  const before = found.length
  found.push(...(shelf.in.get(entity.key) ?? []))
  for (const above of entities.above(entity)) found.push(...(shelf.in.get(above) ?? []))
  // A policy that names several entities may be met through more than one of them.
  if (found.length - before > 1) found.push(...new Set(found.splice(before)))
}
