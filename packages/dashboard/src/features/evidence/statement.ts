/** A predicate as the statement gives it. `holds` is absent when it was not evaluated. */
export interface Shown {
  readonly name: string
  readonly holds?: boolean
  readonly witness: string
}

/** The predicates of a certificate's statement, for showing; none when the statement has another form. */
export function predicatesOf(statement: unknown): readonly Shown[] {
  const proof = member(member(statement, 'predicate'), 'proof')
  const predicates = member(proof, 'predicates')
  if (!Array.isArray(predicates)) return []
  return predicates.flatMap((each: unknown) => {
    const name = member(each, 'name')
    const holds = member(each, 'holds')
    const witness = member(each, 'witness')
    if (typeof name !== 'string') return []
    return [{ name, ...(typeof holds === 'boolean' && { holds }), witness: Array.isArray(witness) ? witness.join(', ') : '' }]
  })
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}
