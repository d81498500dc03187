import type { EntityRef, RecordValue, Value } from './value.ts'

/** An entity as a request brings it. */
export interface Entity {
  readonly attributes: RecordValue
  readonly tags: ReadonlyMap<string, Value>
  readonly parents: readonly EntityRef[]
}

const none: ReadonlySet<string> = new Set()

/** The entities of one request, and who is above whom. */
export class Entities {
  readonly #entities: ReadonlyMap<string, Entity>
  readonly #above = new Map<string, ReadonlySet<string>>()

  constructor(entities: ReadonlyMap<string, Entity>) {
    this.#entities = entities
  }

  find(entity: EntityRef): Entity | undefined {
    return this.#entities.get(entity.key)
  }

  /** Cedar's `in`: the entity itself, or anything above it. */
  isIn(entity: EntityRef, other: EntityRef): boolean {
    return entity.key === other.key || this.above(entity).has(other.key)
  }

  /** The keys of everything above an entity. Ends whatever the parents are: a cycle is walked once. */
  above(entity: EntityRef): ReadonlySet<string> {
    const known = this.#above.get(entity.key)
    if (known) return known
    const parents = this.#entities.get(entity.key)?.parents
    if (!parents || parents.length === 0) return none
    const found = new Set<string>()
    const queue = [...parents]
    for (let next = queue.pop(); next; next = queue.pop()) {
      if (found.has(next.key)) continue
      found.add(next.key)
      queue.push(...(this.#entities.get(next.key)?.parents ?? []))
    }
    this.#above.set(entity.key, found)
    return found
  }
}
