import type { Clock, PrincipalId, TenantId } from '@agentgate/core'
import type { Store } from '../store/store.ts'
import type { Place, PlaceOf } from './places.ts'
import type { Watch } from './watch.ts'

/** Where a session was, and when. */
export interface Placed extends Place {
  readonly at: number
}

/** Sees from where people sign in and stay signed in. It refuses nothing and keeps nobody waiting: who uses a VPN travels fast. */
export interface Travel {
  readonly placeOf: PlaceOf
  /** A session was opened or renewed from this address. */
  readonly seen: (who: { readonly tenant: TenantId; readonly principal: PrincipalId; readonly session: string }, address: string) => void
}

/** Kilometres by which rounded and estimated places may be wrong, both together. */
const blur = 400
/** Kilometres an hour: faster than airliners, stops left out. */
const fastest = 1_000

export function createTravel({
  store,
  placeOf,
  watch,
  clock,
  inBackground,
}: {
  readonly store: Store
  readonly placeOf: PlaceOf
  readonly watch: Pick<Watch, 'raise'>
  readonly clock: Clock
  readonly inBackground: (work: Promise<unknown>) => void
}): Travel {
  return {
    placeOf,
    seen({ tenant, principal, session }, address) {
      const place = placeOf(address)
      if (place) inBackground(judge(tenant, principal, session, place))
    },
  }

  async function judge(tenant: TenantId, principal: PrincipalId, session: string, place: Place): Promise<void> {
    const now = clock.now()
    const rows = await store.ask('sessions', 'placed', tenant, principal, session, JSON.stringify(place), now)
    // INVARIANT: places were written here.
    const before = rows.map((row): Placed => ({ ...(JSON.parse(row.place) as Place), at: row.placed_at }))
    const kind = oddTravel(before, { ...place, at: now })
    if (kind === 'impossible_travel') await watch.raise(tenant, { kind, severity: 'high', subject: principal })
    if (kind === 'new_location') await watch.raise(tenant, { kind, severity: 'medium', subject: principal }, 'quietly')
  }
}

/** What is odd about being here after having been there: nobody gets here in that time, or nobody was in this country before. */
export function oddTravel(before: readonly Placed[], here: Placed): 'impossible_travel' | 'new_location' | undefined {
  if (before.some((there) => kilometres(there, here) - blur > (fastest * Math.abs(here.at - there.at)) / 3_600_000))
    return 'impossible_travel'
  return before.length === 0 || before.some(({ country }) => country === here.country) ? undefined : 'new_location'
}

/** Along a great circle, by the haversine formula; 0 where one of the two is no point. */
function kilometres(one: Place, other: Place): number {
  const [from, to] = [one, other].map(({ latitude, longitude }) => [latitude, longitude].map((degrees = NaN) => (degrees * Math.PI) / 180))
  const [[y = NaN, x = NaN] = [], [v = NaN, u = NaN] = []] = [from, to]
  const half = Math.sin((v - y) / 2) ** 2 + Math.cos(y) * Math.cos(v) * Math.sin((u - x) / 2) ** 2
  return Number.isNaN(half) ? 0 : 12_742 * Math.asin(Math.min(1, Math.sqrt(half)))
}
