/** What a browser says of where a request comes from. */
export interface Provenance {
  readonly method: string
  readonly origin?: string | undefined
  /** `Sec-Fetch-Site`. */
  readonly fetchSite?: string | undefined
}

/**
 * Whether a request that a browser authenticated by its cookies was made by one of our own pages. What only reads is let
 * through: no other origin gets to see the answer. What changes something must say that it comes from `own` or `allowed`.
 */
export function isOurs({ method, origin, fetchSite }: Provenance, own: string, allowed: readonly string[]): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return true
  if (origin !== undefined) return origin === own || allowed.includes(origin)
  return fetchSite === 'same-origin'
}
