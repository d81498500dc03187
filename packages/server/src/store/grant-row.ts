/** A row of a grant, as both databases answer it. */
export interface GrantRow {
  /** The grant, as JSON. */
  readonly record: string
  /** Milliseconds since 1970. */
  readonly revoked_at: number | null
}

/** Which grants are listed. */
export interface ListedRows {
  readonly tenant: string
  readonly holder: string | null
  /** As JSON, a list of principals. */
  readonly concerning: string | null
  readonly standing: number | null
  readonly before: string | null
  readonly limit: number
}

/** What a database answers of who was ever handed a grant. */
export interface HoldingRow {
  readonly holder: string
  /** Of the newest that it was handed. */
  readonly revoked: boolean
  readonly standing: readonly GrantRow[]
}
