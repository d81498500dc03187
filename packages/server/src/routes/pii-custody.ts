import { routes } from '@agentgate/api'
import {
  type AuditBody,
  createDetector,
  customLimits,
  type CustomRecognizer,
  patternKinds,
  type PiiSettings,
  recognizerProblem,
  recordsLifetime,
  type TenantId,
  usualLifetime,
} from '@agentgate/core'
import type { Open } from '../door.ts'
import { Fault, notFound } from '../fault.ts'
import type { House } from '../house.ts'
import { accessOf } from '../pii/access.ts'
import { compliance } from '../pii/compliance.ts'
import { isAboutPii, type Looked, lookAt, mostEntries, told } from '../pii/events.ts'
import { exported, mediaTypes } from '../pii/export.ts'
import { purge, rewrap } from '../pii/vault-keeping.ts'
import { speltOut } from '../pii/spelt-out.ts'
import { stepUpRequired } from '../policies/moving.ts'
import { hasSteppedUp } from '../session/step-up.ts'
import { rfc3339 } from '../wire.ts'
import { auditPage, eventOf } from './evidence.ts'

/** How many kinds may have been found once and are no more. */
const mostRetired = 500

/** How personal data is looked after: what is held and for how long, by which keys, who saw it, what is found besides. */
export function piiCustodyRoutes(open: Open, house: House): void {
  const { audit, vault, ledger, clock, piiSettings, recognizing } = house
  const personal = createDetector({ kinds: patternKinds })

  open(routes.pii.stats, async ({ who }) => {
    const { tenant } = who.asker.principal
    const [held, looked] = await Promise.all([vault.holdings(tenant), lookAt(ledger, tenant)])
    const operations = new Map<string, number>()
    for (const { event } of looked.events) operations.set(event, (operations.get(event) ?? 0) + 1)
    return {
      sessions: held.sessions,
      subjects: held.subjects,
      values: held.kinds.map(({ kind, count, oldest }) => ({ kind, count, oldest: rfc3339(oldest) })),
      keys: held.keys.map(shownKey),
      operations: Object.fromEntries(operations),
      integrity_failures: operations.get('pii.integrity-failed') ?? 0,
      looked_at: shownLook(looked),
    }
  })

  open(routes.pii.audit, async ({ query, who }) => {
    const { items, next } = await auditPage(ledger, who.asker.principal.tenant, { ...query, wanted: wanted(query) })
    return { items, ...(next !== undefined && { next_cursor: String(next) }) }
  })

  open(routes.pii.auditExport, async ({ query, who, reply }) => {
    const { tenant, id } = who.asker.principal
    const { events, complete } = await lookAt(ledger, tenant)
    const items = events.filter(wanted(query)).map(eventOf)
    await audit.record(tenant, { type: 'pii.audit-exported', principal: id, facts: { count: items.length, format: query.format } })
    void reply
      .header('content-disposition', `attachment; filename="pii-audit.${query.format}"`)
      .header('x-complete', complete ? 'true' : `false, newest ${mostEntries} entries`)
      .type(mediaTypes[query.format])
      .serializer((value: string) => value)
      .send(exported(items, query.format))
    return undefined
  })

  open(routes.pii.compliance, async ({ who }) => {
    const { controls, looked } = await compliance(house, who.asker.principal.tenant)
    return { controls: [...controls], looked_at: shownLook(looked) }
  })

  open(routes.pii.accessReport, async ({ who }) => {
    const looked = await lookAt(ledger, who.asker.principal.tenant)
    const items = accessOf(looked.events).map(({ lastAt, values, purposes, ...rest }) => ({
      ...rest,
      values: { ...values },
      purposes: [...purposes],
      last_at: lastAt,
    }))
    return { items, looked_at: shownLook(looked) }
  })

  open(routes.pii.keys, async ({ who }) => ({ items: (await vault.holdings(who.asker.principal.tenant)).keys.map(shownKey) }))

  open(routes.pii.rotateKeys, async ({ who }) => {
    const { tenant, id } = who.asker.principal
    if (!hasSteppedUp(who, clock)) throw stepUpRequired('This rotates a key')
    const { from, to } = await vault.rotate(tenant)
    await audit.record(tenant, { type: 'key.rotated', principal: id, facts: { key: 'vault', from: from ?? null, to } })
    house.inBackground(rewrap(house, tenant))
    return { from: from ?? null, to }
  })

  open(routes.pii.recognizers, async ({ who }) => {
    const { recognizers } = await piiSettings.read(who.asker.principal.tenant)
    return { items: recognizers.map(shownRecognizer) }
  })

  open(routes.pii.addRecognizer, async ({ body, who }) => {
    const { tenant, id } = who.asker.principal
    const { context, validator, score, ...rest } = body
    const recognizer: CustomRecognizer = {
      ...rest,
      ...(context && { context }),
      ...(validator && { validator }),
      ...(score !== undefined && { score }),
    }
    if (holdsPersonal(recognizer))
      throw new Fault(422, 'personal-data', 'The recognizer holds personal data itself: write what it looks like, not whose it is.')
    const problem = recognizerProblem(recognizer)
    if (problem !== undefined) throw new Fault(422, 'invalid-recognizer', problem)
    await change(tenant, (settings) => {
      if (settings.recognizers.some(({ name }) => name === recognizer.name))
        throw new Fault(409, 'duplicate-id', `There is a recognizer \`${recognizer.name}\` already: remove it first.`)
      if (settings.recognizers.length >= customLimits.recognizers)
        throw new Fault(409, 'too-many', `There are ${customLimits.recognizers} recognizers, which is the most.`)
      return { ...settings, recognizers: [...settings.recognizers, recognizer] }
    })
    await audit.record(tenant, {
      type: 'pii.recognizer-added',
      principal: id,
      facts: { recognizer: recognizer.name, kind: recognizer.kind },
    })
    return shownRecognizer(recognizer)
  })

  open(routes.pii.removeRecognizer, async ({ params, who }) => {
    const { tenant, id } = who.asker.principal
    await change(tenant, (settings) => {
      const left = settings.recognizers.filter(({ name }) => name !== params.id)
      const gone = settings.recognizers.find(({ name }) => name === params.id)
      if (!gone) throw notFound('recognizer')
      const retired = [...new Set([...settings.retired, gone.kind])]
      if (retired.length > mostRetired)
        throw new Fault(409, 'too-many', `The tokens of ${mostRetired} kinds that are gone are kept apart from text, which is the most.`)
      return { ...settings, recognizers: left, retired }
    })
    await audit.record(tenant, { type: 'pii.recognizer-removed', principal: id, facts: { recognizer: params.id } })
    return { ok: true as const }
  })

  open(routes.pii.retention, async ({ who }) => posture(who.asker.principal.tenant))

  open(routes.pii.setRetention, async ({ body, who }) => {
    const { tenant, id } = who.asker.principal
    const retention = Object.fromEntries(Object.entries(body.kinds).map(([kind, seconds]) => [kind, seconds * 1_000]))
    await change(tenant, (settings) => ({ ...settings, retention }))
    await audit.record(tenant, { type: 'pii.retention-set', principal: id, facts: { kinds: Object.keys(retention).toSorted().join(',') } })
    await purge(house, tenant)
    return posture(tenant)
  })

  /** Changes what a tenant has set, from what it is at that moment. */
  async function change(tenant: TenantId, to: (settings: PiiSettings) => Omit<PiiSettings, 'revision'>): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      const settings = await piiSettings.read(tenant)
      if (await piiSettings.write(tenant, settings.revision, to(settings))) return recognizing.changed(tenant)
    }
    throw new Fault(409, 'contended', 'Others kept changing the settings meanwhile: try again.')
  }

  async function posture(tenant: TenantId) {
    const [{ retention }, { kinds }] = await Promise.all([piiSettings.read(tenant), vault.holdings(tenant)])
    const now = clock.now()
    const purgedAt = house.purged.get(tenant)
    return {
      sessions: usualLifetime / 1_000,
      records: recordsLifetime / 1_000,
      kinds: Object.fromEntries(Object.entries(retention).map(([kind, ms]) => [kind, ms / 1_000])),
      posture: kinds.map(({ kind, count, oldest }) => {
        const usual = kind === 'RECORD' ? recordsLifetime : usualLifetime
        const ms = retention[kind] ?? usual
        return {
          kind,
          count,
          oldest: rfc3339(oldest),
          kept_for: ms / 1_000,
          until: rfc3339(oldest + ms),
          overdue: kind in retention && oldest + ms < now,
        }
      }),
      purged_at: purgedAt === undefined ? null : rfc3339(purgedAt),
    }
  }

  function holdsPersonal({ name, kind, pattern, context = [] }: CustomRecognizer): boolean {
    return [name, kind, ...speltOut(pattern), ...context].some((text) => personal(text).length > 0)
  }
}

function wanted({ type, principal, session }: { type?: string | undefined; principal?: string | undefined; session?: string | undefined }) {
  return (event: AuditBody): boolean =>
    isAboutPii(event.event) &&
    (type === undefined || event.event === type) &&
    (principal === undefined || event.principal === principal) &&
    (session === undefined || told(event, 'session') === session)
}

function shownKey({ name, madeAt, current, wraps }: { name: string; madeAt: number; current: boolean; wraps: number }) {
  return { id: name, made_at: rfc3339(madeAt), current, wraps }
}

function shownLook({ entries, from, complete }: Looked) {
  return { entries, from: from === undefined ? null : rfc3339(from), complete }
}

function shownRecognizer({ context, ...recognizer }: CustomRecognizer) {
  return { ...recognizer, ...(context && { context: [...context] }) }
}
