import { type Standing, trailLimit } from './policies.ts'

/** How a set stands, in a word. Whether it is locked is told beside it. */
export type PolicyState = 'draft' | 'published' | 'active' | 'inactive' | 'deleted'

/** What somebody wants to become of a set. */
export type Transition =
  | { readonly verb: 'save' | 'publish' | 'deactivate' | 'lock' | 'unlock' | 'delete' }
  | { readonly verb: 'activate'; readonly version: number }
  /** To the version that was active before; or to the one given. */
  | { readonly verb: 'rollback'; readonly version?: number }

export type LifeCycleCode =
  | 'unknown-policy'
  | 'unknown-version'
  | 'policy-deleted'
  | 'policy-locked'
  | 'policy-active'
  | 'not-active'
  | 'not-locked'
  | 'nothing-before'

export type Moved =
  | { readonly ok: true; readonly to: Standing /** Whether anything is different afterwards. */; readonly changes: boolean }
  | { readonly ok: false; readonly code: LifeCycleCode; readonly message: string }

/** The word for a standing; a set that was never published is a draft. */
export function stateOf(standing: Standing | undefined): PolicyState {
  if (!standing) return 'draft'
  if (standing.deleted) return 'deleted'
  if (standing.active !== undefined) return 'active'
  return standing.trail.length > 0 ? 'inactive' : 'published'
}

/**
 * What becomes of a set. `published` are its versions; `undefined` as standing is a set that has none. While a set is
 * locked, its active version never changes and it is not deleted; a deleted set changes no more.
 */
export function transition(standing: Standing | undefined, published: readonly number[], asked: Transition, id: string): Moved {
  const { verb } = asked
  if (!standing) {
    if (verb === 'save' || verb === 'publish') return { ok: true, to: { id, locked: false, deleted: false, trail: [] }, changes: false }
    return refused('unknown-policy', `No version of \`${id}\` was ever published, so there is nothing to ${verb}.`)
  }
  if (standing.deleted)
    return refused('policy-deleted', `\`${id}\` was deleted: its versions can be read, and its name is not given again.`)
  const same: Moved = { ok: true, to: standing, changes: false }
  switch (verb) {
    case 'save':
    case 'publish':
      return same
    case 'lock':
      return standing.locked ? refused('policy-locked', `\`${id}\` is locked already.`) : moved({ ...standing, locked: true })
    case 'unlock':
      return standing.locked ? moved({ ...standing, locked: false }) : refused('not-locked', `\`${id}\` is not locked.`)
    case 'delete':
      if (standing.locked) return locked(id, 'deleted')
      if (standing.active !== undefined)
        return refused('policy-active', `Version ${standing.active} of \`${id}\` is active: deactivate it before it is deleted.`)
      return moved({ ...standing, deleted: true })
    case 'deactivate':
      if (standing.active === undefined) return refused('not-active', `No version of \`${id}\` is active.`)
      return standing.locked ? locked(id, 'deactivated') : moved(withActive(standing, undefined))
    case 'activate':
      if (!published.includes(asked.version))
        return refused('unknown-version', `\`${id}\` has no version ${asked.version}: publish it first.`)
      if (standing.locked) return locked(id, 'activated or replaced')
      return standing.active === asked.version ? same : moved(withActive(standing, asked.version))
    case 'rollback': {
      const version = asked.version ?? standing.trail.findLast((each) => each !== standing.active)
      if (version === undefined)
        return refused('nothing-before', `No other version of \`${id}\` was active before: name the one to go back to.`)
      if (!published.includes(version)) return refused('unknown-version', `\`${id}\` has no version ${version}.`)
      if (standing.locked) return locked(id, 'rolled back')
      if (standing.active === version) return same
      const at = standing.trail.lastIndexOf(version)
      // INVARIANT: going back forgets what came after, so that going back again goes further back.
      return moved({ ...standing, active: version, trail: at >= 0 ? standing.trail.slice(0, at) : withActive(standing, version).trail })
    }
  }
}

function withActive({ active: before, ...standing }: Standing, active: number | undefined): Standing {
  const trail = before === undefined ? standing.trail : [...standing.trail, before].slice(-trailLimit)
  return { ...standing, trail, ...(active !== undefined && { active }) }
}

const moved = (to: Standing): Moved => ({ ok: true, to, changes: true })

function locked(id: string, done: string): Moved {
  return refused('policy-locked', `\`${id}\` is locked and cannot be ${done}: unlock it first.`)
}

function refused(code: LifeCycleCode, message: string): Moved {
  return { ok: false, code, message }
}
