/** What a control let pass and people should see all the same, in a sentence: attacks that it found, and what entered a session. */
export function notable(facts: { readonly [name: string]: unknown } | undefined): string | undefined {
  const kinds = facts?.['threat_kinds']
  if (Array.isArray(kinds) && kinds.length > 0) return `Found ${kinds.map((kind) => String(kind).replaceAll('_', ' ')).join(', ')}.`
  if (facts?.['declassified'] !== undefined) return 'The session begins anew: what had entered it counts no more.'
  return facts?.['taint'] === 'untrusted' ? 'What strangers wrote has entered the session.' : undefined
}
