import { oneOf, present, text, whole } from '../../app/search.ts'

export const policyStates = ['active', 'inactive', 'published', 'draft', 'locked', 'deleted'] as const
export const policyTabs = ['text', 'evaluate', 'versions', 'analysis', 'replay'] as const
export type PolicyTab = (typeof policyTabs)[number]
export const policyVerbs = ['publish', 'activate', 'deactivate', 'rollback', 'lock', 'unlock', 'delete'] as const
export type PolicyVerb = (typeof policyVerbs)[number]

type Search = Record<string, unknown>

/** The state of the list, as its address carries it. `begin`: the bundled set that a new one is being begun from; `load`: files are. */
export function policiesSearch(search: Search) {
  return present({
    state: oneOf(policyStates, search['state']),
    name: text(search['name']),
    begin: text(search['begin']),
    load: oneOf(['files'], search['load']),
  })
}

/** The state of one set's page, as its address carries it. */
export function policySearch(search: Search) {
  return present({
    tab: oneOf(policyTabs, search['tab']),
    /** In the editor: the form that is shown, and which of the two texts. */
    form: oneOf(['cedar', 'quick', 'conditioned'], search['form']),
    file: oneOf(['invariants'], search['file']),
    /** The version that is shown, evaluated, analysed or replayed. */
    version: whole(search['version']),
    /** The versions that are compared, and whether the solver is asked about calls; `to` is also what becomes active. */
    from: whole(search['from']),
    to: whole(search['to']),
    ask: oneOf(['calls'], search['ask']),
    /** The set that this one is compared with. */
    at_most: text(search['at_most']),
    /** What to do: its dialog is open. */
    do: oneOf(policyVerbs, search['do']),
    /** The call that is evaluated, and what judges it. */
    by: oneOf(['active', 'draft', 'version'], search['by']),
    who: text(search['who']),
    roles: text(search['roles']),
    mfa: oneOf(['yes'], search['mfa']),
    action: text(search['action']),
    resource: text(search['resource']),
    context: text(search['context'], 6_000),
    /** How many recorded calls are replayed. */
    calls: whole(search['calls']),
  })
}
