/** A row of a grant, as both databases answer it. */
export interface GrantRow {
  /** The grant, as JSON. */
  readonly record: string
  /** Milliseconds since 1970. */
  readonly revoked_at: number | null
}
