import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config.ts'

/** Where an address is, as far as a database of addresses tells: a country (ISO 3166-1), and whole degrees. */
export interface Place {
  readonly country: string
  readonly latitude?: number
  readonly longitude?: number
}

/** `undefined` for addresses of private networks, and those that nobody knows the place of. */
export type PlaceOf = (address: string) => Place | undefined

/** What of an entry is read: that of GeoLite2 and DB-IP, of cities or of countries. */
interface Entry {
  readonly country?: { readonly iso_code?: unknown }
  readonly location?: { readonly latitude?: unknown; readonly longitude?: unknown }
}

/**
 * Places from a file in MaxMind DB format (https://maxmind.github.io/MaxMind-DB/), read whole into memory. Coordinates are rounded to
 * degrees, some 100 km: more is not needed, and not kept of anybody. Rejects with a `ConfigError` for a file that is none.
 */
export async function readPlaces(path: string): Promise<PlaceOf> {
  const { Reader } = await import('mmdb-lib')
  const wrong = (what: string) => new ConfigError([`\`AGENTGATE_GEO_DATABASE\` ${what}: give the path of a \`.mmdb\` file of cities.`])
  const bytes = await readFile(path).catch(() => {
    throw wrong('cannot be read')
  })
  try {
    const reader = new Reader(bytes)
    return (address) => placeIn(reader.get(address) as Entry | null)
  } catch {
    throw wrong('is no database of addresses')
  }
}

function placeIn(entry: Entry | null): Place | undefined {
  const country = entry?.country?.iso_code
  if (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country)) return undefined
  const { latitude, longitude } = entry?.location ?? {}
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return { country }
  return { country, latitude: Math.round(latitude), longitude: Math.round(longitude) }
}
