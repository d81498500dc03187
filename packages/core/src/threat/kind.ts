/** What a payload would do where it lands. */
export type ThreatKind =
  | 'sql_injection'
  | 'shell_injection'
  | 'path_traversal'
  | 'xss'
  | 'ldap_injection'
  | 'ssrf'
  | 'header_injection'
  | 'template_injection'

export type Severity = 'critical' | 'high' | 'medium'

/** One place where a text carries a payload. Kinds and offsets only: never the text itself. */
export interface Threat {
  readonly kind: ThreatKind
  readonly severity: Severity
  /** UTF-16 offsets into the text as it was given, whatever encoding the payload was found under. */
  readonly start: number
  readonly end: number
  /** Which rule found it: stable, kebab-case, such as `sql-tautology`. */
  readonly detector: string
  /** True when a sentence stands around it in `prose`: reported, not refused. */
  readonly mention: boolean
}

/** The longest text that is judged, in UTF-16 units. What is longer cannot be told apart and is refused. */
export const maxLength = 1_000_000

/** How bad each kind is when it lands. */
export const severities: { readonly [kind in ThreatKind]: Severity } = {
  sql_injection: 'critical',
  shell_injection: 'critical',
  path_traversal: 'high',
  xss: 'high',
  ldap_injection: 'high',
  ssrf: 'high',
  header_injection: 'medium',
  template_injection: 'high',
}

const ranks: { readonly [severity in Severity]: number } = { critical: 3, high: 2, medium: 1 }

/** Orders by severity, worst first. */
export function worstFirst(one: { readonly severity: Severity }, other: { readonly severity: Severity }): number {
  return ranks[other.severity] - ranks[one.severity]
}

/** What keeping one hit costs, in steps: sorting and joining thousands of them takes longer than finding them. */
export const hitSteps = 5_000

/** How much must hold for a hit to count. */
export type Weight =
  /** Counts wherever it stands. */
  | 'certain'
  /** Counts when the value is not a sentence: an ordinary sentence may hold it. */
  | 'bare'
  /** As `bare` where nothing was declared; in prose it is what people write. */
  | 'strict'

/** What one rule found in one reading; offsets are the reading's. */
export interface Hit {
  readonly kind: ThreatKind
  readonly detector: string
  readonly start: number
  readonly end: number
  readonly weight: Weight
}
