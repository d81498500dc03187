import type { ComplianceControl } from '@agentgate/api'
import {
  type AuditBody,
  type Entry,
  type Erasure,
  type HeldSession,
  type Holdings,
  type PrincipalId,
  publicKey,
  type SigningKeys,
  type TenantId,
  verifyErasure,
} from '@agentgate/core'
import type { House } from '../house.ts'
import { rfc3339 } from '../wire.ts'
import { type Looked, lookAt, wasSeen } from './events.ts'

const day = 86_400_000
/** What of the recent past is looked at. */
const period = 30 * day

type Rooms = Pick<House, 'ledger' | 'vault' | 'principals' | 'checkpoints' | 'chainChecked' | 'keys' | 'clock' | 'audit'>

interface Sight extends Looked {
  readonly house: Rooms
  readonly tenant: TenantId
  readonly now: number
  readonly holdings: Holdings
  readonly sessions: readonly HeldSession[]
  readonly lately: readonly AuditBody[]
}

type Answer = Pick<ComplianceControl, 'status' | 'found'>

interface Norm {
  readonly id: string
  readonly norm: string
  readonly title: string
  readonly query: string
  readonly ask: (sight: Sight) => Answer | Promise<Answer>
}

const pass = (found: string): Answer => ({ status: 'pass', found })
const fail = (found: string): Answer => ({ status: 'fail', found })
const unmeasured = (found: string): Answer => ({ status: 'not_measured', found })

const norms: readonly Norm[] = [
  {
    id: 'hipaa-164.312-a-2-iv',
    norm: 'HIPAA §164.312(a)(2)(iv)',
    title: 'Encryption and decryption',
    query: 'Every living session of the vault is under a key of the tenant that is there.',
    ask({ holdings, sessions }) {
      if (sessions.length === 0) return unmeasured('No session is held, so there is nothing whose key could be looked for.')
      const known = new Set(holdings.keys.map(({ name }) => name))
      const lost = sessions.filter(({ key }) => !known.has(key)).length
      return lost === 0
        ? pass(`${sessions.length} sessions are under ${holdings.keys.length} keys, and each of those keys is there.`)
        : fail(`${lost} of ${sessions.length} sessions are under a key that is not there.`)
    },
  },
  {
    id: 'hipaa-164.312-b',
    norm: 'HIPAA §164.312(b)',
    title: 'Audit controls',
    query: 'The audit chain was verified from end to end within a day.',
    ask: ({ house, tenant, now }) => chain(house, tenant, now),
  },
  {
    id: 'hipaa-164.312-c-1',
    norm: 'HIPAA §164.312(c)(1)',
    title: 'Integrity',
    query: 'Audit events of the last 30 days: values that were shown, and values that did not open.',
    ask({ lately }) {
      const broken = lately.filter(({ event }) => event === 'pii.integrity-failed').length
      const seen = lately.filter(wasSeen).length
      if (broken > 0) return fail(`${broken} times something in the vault did not open.`)
      return seen > 0 ? pass(`${seen} times values were shown, and nothing did not open.`) : unmeasured('No value was shown.')
    },
  },
  {
    id: 'hipaa-164.530-j-1',
    norm: 'HIPAA §164.530(j)(1)',
    title: 'Documentation is retained',
    query: 'The first entry of the ledger, and whether the chain was found whole from there.',
    async ask({ house, tenant, now }) {
      const [first] = await house.ledger.read(tenant, 0, 1)
      if (!first) return unmeasured('The ledger is empty.')
      const found = chain(house, tenant, now)
      return found.status === 'pass' ? pass(`Nothing is missing since ${rfc3339(first.at)}. ${found.found}`) : found
    },
  },
  {
    id: 'soc2-cc6.1',
    norm: 'SOC 2 CC6.1',
    title: 'Logical access',
    query: 'Whoever saw values in the last 30 days is a principal that is known and not revoked.',
    async ask({ house, tenant, lately }) {
      const who = new Set(lately.filter(wasSeen).flatMap(({ principal }) => principal ?? []))
      if (who.size === 0) return unmeasured('Nobody saw values.')
      const known = await Promise.all([...who].map((id) => house.principals.find(tenant, id as PrincipalId)))
      const unknown = known.filter((principal) => !principal).length
      return unknown === 0
        ? pass(`${who.size} principals saw values, and all are known.`)
        : fail(`${unknown} of ${who.size} principals who saw values are not known any more.`)
    },
  },
  {
    id: 'soc2-cc7.2',
    norm: 'SOC 2 CC7.2',
    title: 'Monitoring',
    query: 'The last signed checkpoint that is kept outside the database reaches the head of the audit chain.',
    async ask({ house, tenant }) {
      const kept = house.checkpoints.last(tenant)
      if (!kept) return unmeasured('No checkpoint was kept yet.')
      const { size } = await house.ledger.head(tenant)
      const { count } = await house.audit.head(tenant, size)
      const behind = count - kept.audit.count
      return behind <= 100 ? pass(`It covers ${kept.audit.count} of ${count} audit events.`) : fail(`It is ${behind} audit events behind.`)
    },
  },
  {
    id: 'soc2-cc7.3',
    norm: 'SOC 2 CC7.3',
    title: 'Security events are evaluated',
    query: 'After each value that did not open in the last 30 days, the chain was verified.',
    ask({ house, tenant, lately }) {
      const broken = lately.filter(({ event }) => event === 'pii.integrity-failed')
      const [last] = broken
      if (!last) return unmeasured('There was no such event to evaluate.')
      const checked = house.chainChecked.get(tenant)
      return checked && checked.at > Date.parse(last.at)
        ? pass(`${broken.length} such events, and the chain was verified after the last of them.`)
        : fail(`${broken.length} such events, and the chain was not verified since the last of them.`)
    },
  },
  {
    id: 'gdpr-30',
    norm: 'GDPR Art. 30',
    title: 'Records of processing',
    query: 'Living sessions of the vault that say what for.',
    ask({ sessions }) {
      if (sessions.length === 0) return unmeasured('No session is held.')
      const silent = sessions.filter(({ about: { purpose } }) => typeof purpose !== 'string' || purpose === 'unspecified').length
      return silent === 0
        ? pass(`All ${sessions.length} sessions say what for.`)
        : fail(`${silent} of ${sessions.length} sessions do not say what for.`)
    },
  },
  {
    id: 'gdpr-17',
    norm: 'GDPR Art. 17',
    title: 'Erasure',
    query: 'Certificates of erasure in the ledger: whether each was signed by this deployment, and names no key that is still there.',
    async ask({ house, tenant, erasures }) {
      if (erasures.length === 0) return unmeasured('Nothing was erased.')
      const read = await Promise.all(erasures.slice(0, 1_000).map(async (entry) => certifiedHere(house.keys, entry)))
      const there = new Set(await house.vault.present(tenant, [...new Set(read.flatMap((erasure) => erasure?.keys ?? []))]))
      const bad = read.filter((erasure) => !erasure || erasure.keys.some((key) => there.has(key))).length
      return bad === 0
        ? pass(`${read.length} certificates, each signed, and no key that they name is there.`)
        : fail(`${bad} of ${read.length} certificates do not hold.`)
    },
  },
]

/** The certificate, if the key signed it that signs here, or that did when it was written. */
async function certifiedHere({ signer, retired }: SigningKeys, { body, at }: Entry): Promise<Erasure | undefined> {
  const then = retired.filter(({ until }) => at <= until).map(async ({ raw }) => publicKey(raw))
  for (const key of [signer.key, ...(await Promise.all(then))]) {
    const erasure = await verifyErasure(body, key).catch(() => undefined)
    if (erasure) return erasure
  }
  return undefined
}

function chain({ chainChecked }: Rooms, tenant: TenantId, now: number): Answer {
  const checked = chainChecked.get(tenant)
  if (!checked) return unmeasured('It was not verified since this server started.')
  const when = `${checked.entries} entries were checked at ${rfc3339(checked.at)}`
  if (!checked.valid) return fail(`${when}, and the chain is broken.`)
  return now - checked.at <= day ? pass(`${when}, and all are in place.`) : unmeasured(`${when}: that is more than a day ago.`)
}

/** Asks every control of evidence as it is now. What cannot be told is `not_measured`; no answer is written down anywhere. */
export async function compliance(
  house: Rooms,
  tenant: TenantId,
): Promise<{ readonly controls: readonly ComplianceControl[]; readonly looked: Looked }> {
  const now = house.clock.now()
  const looked = await lookAt(house.ledger, tenant)
  const sight: Sight = {
    ...looked,
    house,
    tenant,
    now,
    holdings: await house.vault.holdings(tenant),
    sessions: await living(house, tenant),
    lately: looked.events.filter(({ at }) => Date.parse(at) > now - period),
  }
  const controls: ComplianceControl[] = []
  for (const { ask, ...norm } of norms) controls.push({ ...norm, ...(await ask(sight)), at: rfc3339(now) })
  return { controls, looked }
}

/** At most the 10,000 sessions that were opened last. */
async function living({ vault }: Rooms, tenant: TenantId): Promise<readonly HeldSession[]> {
  const all: HeldSession[] = []
  for (let before: number | undefined; all.length < 10_000; ) {
    const page = await vault.sessions(tenant, { limit: 200, ...(before !== undefined && { before }) })
    all.push(...page)
    before = page.at(-1)?.number
    if (page.length < 200) break
  }
  return all
}
