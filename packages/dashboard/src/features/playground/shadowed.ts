/** The controls that the demo lets run in shadow. Masking, policies and approvals never do. */
export const shadowable = ['threat', 'rate'] as const

/** The controls named in the URL, as `threat,rate`; what cannot be in shadow is not. */
export function shadowedIn(text: string | undefined): readonly string[] {
  const named = text?.split(',') ?? []
  return shadowable.filter((name) => named.includes(name))
}
