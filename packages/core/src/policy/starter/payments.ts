/** Money moves only with an approval, never on the word of untrusted content. Permits nothing itself. */
export const payments = `@id("payments-need-approval")
@hold("approval")
@advice("A payment cannot be taken back: a person decides.")
forbid (principal, action in Action::"pay", resource)
unless { context has approval };

@id("no-payments-on-untrusted-words")
@advice("Content from outside shaped this payment: start again from a trusted source.")
forbid (principal, action in Action::"pay", resource)
when { context.taint == "untrusted" };
`

export const paymentsInvariants = `@invariant("nothing is paid without an approval")
forbid (principal, action in Action::"pay", resource)
unless { context has approval };

@invariant("untrusted content never moves money")
forbid (principal, action in Action::"pay", resource)
when { context.taint == "untrusted" };
`
