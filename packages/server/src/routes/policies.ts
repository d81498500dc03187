import { routes } from '@agentgate/api'
import {
  type Loaded,
  type PolicySet,
  type PolicyText,
  type PolicyTool,
  type Standing,
  starterSets,
  type TenantId,
  type Transition,
} from '@agentgate/core'
import type { Open, Who } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { allOf, askedBy, inTime, prepared, sourceOf, toolsOf, unsaved, wireDiagnostic } from '../policies/forms.ts'
import { exampleCallOf } from '../policies/example-call.ts'
import { oneEach } from '../policies/one-each.ts'
import { consequencesOf, move, named, published, standing } from '../policies/moving.ts'
import { shownDraft, shownHead, shownMoved, shownVersion, summaries } from '../policies/shown.ts'
import { asEvent, tell } from '../policies/tell.ts'
import { rfc3339 } from '../wire.ts'
import { untold } from '../policies/untold.ts'
import { TimeOver } from '../work/policy-work.ts'

/** Policy sets: written in three ways, published as immutable versions, activated one version at a time, asked about. */
export function policyRoutes(open: Open, house: House): void {
  const { policies, clock } = house
  const [analysing, previewing] = [oneEach('analysis'), oneEach('preview')]

  open(routes.policies.list, async ({ query, who }) => {
    const all = await summaries(house, who.asker.principal.tenant)
    return { items: all.filter(({ state }) => query.deleted === true || state !== 'deleted') }
  })

  open(routes.policies.starters, async () => ({ items: starterSets.map((set) => ({ ...set })) }))

  open(routes.policies.create, async ({ body, who }) => {
    const { tenant, id: by } = who.asker.principal
    await standing(house, tenant, body.id, { verb: 'publish' })
    const text = await prepared(house, who.asker.principal, body)
    return shownVersion(await published(house, tenant, by, { id: body.id, ...text, why: body.why ?? '' }), false)
  })

  open(routes.policies.load, async ({ body, who }) => {
    const { tenant, id: by } = who.asker.principal
    const twice = body.sets.find(({ id }, index) => body.sets.findIndex((each) => each.id === id) < index)
    if (twice) throw new Fault(422, 'duplicate-id', `Two sets of the bundle have the id \`${twice.id}\`.`)
    for (const { id } of body.sets) await standing(house, tenant, id, { verb: 'publish' })
    const sets: { readonly id: string; readonly text: PolicyText }[] = []
    const wrong: unknown[] = []
    // INVARIANT: nothing is saved before all of it is read.
    for (const [index, each] of body.sets.entries()) {
      const reading = prepared(house, who.asker.principal, each, `/sets/${index}`)
      await reading.then(
        (text) => sets.push({ id: each.id, text }),
        (cause: unknown) => wrong.push(cause),
      )
    }
    if (wrong.length > 0) throw allOf(wrong)
    const at = clock.now()
    const type = body.publish ? 'policy.published' : 'policy.saved'
    await policies.load(
      tenant,
      await Promise.all(
        sets.map(async ({ id, text }): Promise<Loaded> => {
          const event = await asEvent(house.personal, tenant, {
            type,
            principal: by,
            facts: { set: id, digest: text.digest },
            why: body.why,
            at,
          })
          return body.publish
            ? { publish: { id, ...text, publishedAt: at, publishedBy: by }, event }
            : { id, draft: { ...text, editedAt: at, editedBy: by }, event }
        }),
      ),
    )
    await tell(house, tenant)
    const ids = new Set(body.sets.map(({ id }) => id))
    return { items: (await summaries(house, tenant)).filter(({ id }) => ids.has(id)) }
  })

  open(routes.policies.validate, async ({ body, who }) => {
    const { tenant } = who.asker.principal
    const tools = await toolsOf(house, tenant)
    const { policy, invariants } = body
    const asked = { source: sourceOf(policy), tools, ...(invariants !== undefined && { invariants }) }
    const found = await inTime(house.policyWork.do('prepare', asked, askedBy(who.asker.principal)))
    if ('errors' in found) return { valid: false, diagnostics: found.errors.map(wireDiagnostic) }
    return { valid: true, diagnostics: [], warnings: found.warnings.map(wireDiagnostic), text: found.set.text, policies: found.policies }
  })

  open(routes.policies.evaluate, async ({ body, who }) => {
    const { tenant } = who.asker.principal
    const { policy_set_id: id, version, draft, text, quick, conditioned } = body
    const form = text !== undefined ? { text } : quick ? { quick } : conditioned ? { conditioned } : undefined
    const sets = form
      ? [unsaved(await prepared(house, who.asker.principal, { policy: form }))]
      : id === undefined
        ? await policies.active(tenant)
        : [await subject(tenant, id, { version, draft })]
    const tools = await toolsOf(house, tenant)
    const tool = toolNamed(tools, body.action, body.context['tool'])
    const call = exampleCallOf(body, { tenant, tool, now: clock.now(), id: house.newId() })
    const found = await inTime(house.policyWork.do('evaluate', { sets, call, ...(tool && { tool }) }, askedBy(who.asker.principal)))
    return {
      verdict: found.verdict === 'pass' ? 'deny' : found.verdict,
      ...(found.reason && { reason: { code: found.reason.code, message: found.reason.message } }),
      determining: [...(found.policy?.determining ?? [])],
      obligations: [...(found.obligations ?? [])],
      digests: sets.map(({ digest }) => digest),
    }
  })

  open(routes.policies.get, async ({ params, query, who }) => {
    const { tenant } = who.asker.principal
    const active = await activeVersion(tenant, params.id)
    const set = await subject(tenant, params.id, { version: query.version ?? active })
    return shownVersion(set, set.version === active)
  })

  open(routes.policies.standing, async ({ params, who }) => summaryOf(who.asker.principal.tenant, params.id))

  open(routes.policies.versions, async ({ params, query, who }) => {
    const { tenant } = who.asker.principal
    const [active, all] = await Promise.all([activeVersion(tenant, params.id), policies.versions(tenant, params.id)])
    if (all.length === 0) await summaryOf(tenant, params.id)
    const older = query.cursor === undefined ? all : all.filter(({ version }) => version < Number(query.cursor))
    const items = older.slice(0, query.limit).map((head) => shownHead(head, head.version === active))
    const last = items.at(-1)
    return { items, ...(last && older.length > items.length && { next_cursor: String(last.version) }) }
  })

  open(routes.policies.events, async ({ params, who }) => {
    const { tenant } = who.asker.principal
    await summaryOf(tenant, params.id)
    const items = (await policies.events(tenant, params.id)).map(({ event: { type, at, principal, why, facts } }) => ({
      type: String(type),
      at: rfc3339(Number(at)),
      by: principal === undefined ? 'system' : String(principal),
      why: why === undefined ? '' : String(why),
      facts: Object.fromEntries(Object.entries(facts ?? {})),
    }))
    return { items }
  })

  open(routes.policies.diff, async ({ params, query, who }) => {
    const { tenant } = who.asker.principal
    const drafted = query.to === undefined && (await policies.draft(tenant, params.id)) !== undefined
    const [from, to] = [
      await subject(tenant, params.id, { version: query.from }),
      await subject(tenant, params.id, { version: query.to, draft: drafted }),
    ]
    const asked = { before: named(from), after: named(to) }
    const changes = await inTime(house.policyWork.do('compare', asked, askedBy(who.asker.principal)))
    return { id: params.id, from: from.version, to: drafted ? null : to.version, ...changes }
  })

  open(routes.policies.draft, async ({ params, who }) => {
    const draft = await policies.draft(who.asker.principal.tenant, params.id)
    if (!draft) throw notFound('draft')
    return shownDraft(params.id, draft)
  })

  open(routes.policies.putDraft, async ({ params, body, who }) => {
    const { tenant } = who.asker.principal
    await standing(house, tenant, params.id, { verb: 'save' })
    const text = await prepared(house, who.asker.principal, body)
    return shownDraft(params.id, await save(tenant, who, params.id, text, body.why, body.revision))
  })

  open(routes.policies.publish, async ({ params, body, who }) => {
    const { tenant, id: by } = who.asker.principal
    const draft = await policies.draft(tenant, params.id)
    if (!draft) {
      await summaryOf(tenant, params.id)
      throw new Fault(409, 'no-draft', `\`${params.id}\` has no draft: save one first.`)
    }
    if (body.revision !== undefined && body.revision !== draft.revision) throw draftChanged(params.id)
    // The tools may have changed since the draft was saved: it is read again, as it was written.
    const source = draft.source
    const policy = source ? { [source.form]: JSON.parse(source.json) as object } : { text: draft.text }
    const text = await prepared(house, who.asker.principal, { policy: policy as { text: string }, invariants: draft.invariants })
    return shownVersion(await published(house, tenant, by, { id: params.id, ...text, why: body.why, draft: draft.revision }), false)
  })

  open(routes.policies.preview, async ({ params, body, who, reply }) => {
    const { tenant } = who.asker.principal
    const asked = (versions: readonly number[]): Transition =>
      body.version === null ? { verb: 'deactivate' } : { verb: 'activate', version: body.version ?? versions[0] ?? 0 }
    try {
      const { before, after } = await standing(house, tenant, params.id, asked)
      return await previewing(who, reply, (how) => consequencesOf(house, tenant, before, after, how))
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'policy-locked') throw error
      // It may not be done; what it would do can be seen all the same.
      const { sets } = await policies.standings(tenant)
      const before = sets.find(({ id }) => id === params.id)
      const version = body.version === null ? undefined : (body.version ?? (await policies.versions(tenant, params.id))[0]?.version)
      const after: Standing = { id: params.id, locked: true, deleted: false, trail: [], ...(version !== undefined && { active: version }) }
      const shown = await previewing(who, reply, (how) => consequencesOf(house, tenant, before, after, how))
      return { ...shown, refused: { code: error.code, message: error.message } }
    }
  })

  open(routes.policies.activate, async ({ params, body, who }) => {
    const { tenant } = who.asker.principal
    const version = body.version ?? (await policies.versions(tenant, params.id))[0]?.version ?? 0
    const moved = await move(house, { who, id: params.id, transition: { verb: 'activate', version }, why: body.why })
    return shownMoved(await subject(tenant, params.id, { version }), moved)
  })

  open(routes.policies.deactivate, async ({ params, body, who }) => {
    const { tenant } = who.asker.principal
    const version = await activeVersion(tenant, params.id)
    const moved = await move(house, { who, id: params.id, transition: { verb: 'deactivate' }, why: body.why })
    return shownMoved(await subject(tenant, params.id, { version }), moved)
  })

  open(routes.policies.rollback, async ({ params, body, who }) => {
    const { tenant } = who.asker.principal
    const transition: Transition = { verb: 'rollback', ...(body.version !== undefined && { version: body.version }) }
    const moved = await move(house, { who, id: params.id, transition, why: body.why })
    return shownMoved(await subject(tenant, params.id, { version: moved.standing.active }), moved)
  })

  for (const verb of ['lock', 'unlock'] as const) {
    open(routes.policies[verb], async ({ params, body, who }) => {
      await move(house, { who, id: params.id, transition: { verb }, why: body.why })
      return summaryOf(who.asker.principal.tenant, params.id)
    })
  }

  open(routes.policies.remove, async ({ params, query, who }) => {
    const { tenant, id: by } = who.asker.principal
    const drafted = (await policies.drafts(tenant)).find(({ id }) => id === params.id)
    const known = (await policies.versions(tenant, params.id)).length > 0
    if (drafted && !known) {
      const summary = await summaryOf(tenant, params.id)
      await policies.dropDraft(tenant, params.id)
      await house.audit.record(tenant, { type: 'policy.draft-deleted', principal: by, facts: { set: params.id } })
      return { ...summary, state: 'deleted' as const, draft: null }
    }
    await move(house, { who, id: params.id, transition: { verb: 'delete' }, why: query.why ?? '' })
    await policies.dropDraft(tenant, params.id)
    return summaryOf(tenant, params.id)
  })

  open(routes.policies.replay, async ({ params, body, who }) => {
    const { tenant } = who.asker.principal
    const set = await subject(tenant, params.id, body)
    const before = await policies.active(tenant)
    const calls = await recorded(tenant, body.limit)
    const after = [...before.filter(({ id }) => id !== params.id), set]
    const asked = { before, after, calls, tools: await toolsOf(house, tenant) }
    return inTime(house.policyWork.do('replay', asked, askedBy(who.asker.principal)))
  })

  open(routes.policies.analyze, async ({ params, body, who, reply }) => {
    const { tenant } = who.asker.principal
    const set = await subject(tenant, params.id, body)
    const { questions } = body
    const compares = questions.includes('difference') || questions.includes('at_most')
    const otherId = body.against?.id ?? params.id
    const version = body.against ? body.against.version : await activeVersion(tenant, otherId)
    if (compares && !body.against && version === undefined)
      throw new Fault(409, 'not-active', `No version of \`${params.id}\` is active to compare with: name one in \`against\`.`)
    const against = compares ? await subject(tenant, otherId, { version }) : undefined
    const among = [...(await policies.active(tenant)).filter(({ id }) => id !== params.id), set]
    const started = performance.now()
    const asked = { set: named(set), among: among.map(named), questions, tools: await toolsOf(house, tenant) }
    const found = await analysing(who, reply, (how) =>
      inTime(
        house.policyWork.do('analyze', { ...asked, ...(against && { against: named(against) }) }, how).catch((cause: unknown) => {
          if (cause instanceof TimeOver) return untold(asked, cause.message)
          throw cause
        }),
      ),
    )
    const { invariants, difference, findings, at_most } = found
    return {
      ...(invariants && { invariants: [...invariants] }),
      ...(difference && { difference }),
      ...(findings && {
        findings: { found: [...findings.found].map((each) => ({ ...each, by: [...each.by] })), unknown: [...findings.unknown] },
      }),
      ...(at_most && { at_most }),
      ms: Math.round(performance.now() - started),
    }
  })

  async function save(
    tenant: TenantId,
    { asker: { principal } }: Who,
    id: string,
    text: Pick<PolicySet, 'text' | 'digest' | 'source' | 'invariants'>,
    why: string,
    expected?: number,
  ) {
    const at = clock.now()
    const event = await asEvent(house.personal, tenant, {
      type: 'policy.saved',
      principal: principal.id,
      facts: { set: id, digest: text.digest },
      why,
      at,
    })
    const more = { event, ...(expected !== undefined && { expected }) }
    const saved = await policies.saveDraft(tenant, id, { ...text, editedAt: at, editedBy: principal.id }, more)
    if (!saved) throw draftChanged(id)
    await tell(house, tenant)
    return saved
  }

  /** The version, or the draft, that somebody asks about: the newest version unless they say. */
  async function subject(
    tenant: TenantId,
    id: string,
    { version, draft }: { readonly version?: number | undefined; readonly draft?: boolean | undefined },
  ): Promise<PolicySet> {
    if (draft === true) {
      const found = await policies.draft(tenant, id)
      if (!found) throw notFound('draft')
      const { revision: _, editedAt, editedBy, ...text } = found
      return { id, version: 0, ...text, publishedAt: editedAt, publishedBy: editedBy }
    }
    const number = version ?? (await policies.versions(tenant, id))[0]?.version
    const found = number === undefined ? undefined : await policies.version(tenant, id, number)
    if (found) return found
    if (version === undefined || (await policies.versions(tenant, id)).length === 0)
      throw new Fault(404, 'unknown-policy', `There is no published policy set \`${id}\`.`)
    throw new Fault(404, 'unknown-version', `\`${id}\` has no version ${version}.`)
  }

  async function summaryOf(tenant: TenantId, id: string) {
    const found = (await summaries(house, tenant)).find((each) => each.id === id)
    if (!found) throw new Fault(404, 'unknown-policy', `There is no policy set \`${id}\`.`)
    return found
  }

  async function activeVersion(tenant: TenantId, id: string): Promise<number | undefined> {
    return (await policies.standings(tenant)).sets.find((set) => set.id === id)?.active
  }

  /** The newest recorded calls, each as it was last decided. */
  async function recorded(tenant: TenantId, limit: number) {
    const calls = new Map<string, { readonly at: number; readonly call: Awaited<ReturnType<typeof page>>[number]['decision']['call'] }>()
    const page = (before: string | undefined) => house.calls.list(tenant, { limit: 200, ...(before !== undefined && { before }) })
    for (let before: string | undefined; calls.size < limit; ) {
      const found = await page(before)
      for (const { decision } of found) {
        if (calls.size < limit && !calls.has(decision.call.id)) calls.set(decision.call.id, { at: decision.issuedAt, call: decision.call })
      }
      before = found.at(-1)?.decision.id
      if (found.length < 200) break
    }
    return [...calls.values()]
  }
}

/** The tool that an action names: by its name, else by the action that it declares, unless the example says that it is no tool's. */
function toolNamed(tools: readonly PolicyTool[], asked: string, told: unknown): PolicyTool | undefined {
  return tools.find(({ name }) => name === asked) ?? (told === asked ? undefined : tools.find(({ action }) => action === asked))
}

function draftChanged(id: string): Fault {
  return new Fault(409, 'draft-changed', `Somebody else has saved \`${id}\` since: read the draft again before you save or publish it.`)
}
