/** Personal data is written and sent to places in the EU only (`/eu/…`, `/eu-…`, `eu:…`, `eu-…`). Permits nothing itself. */
export const dataResidencyEu = `@id("personal-data-stays-in-the-eu")
@advice("The call carries personal data to a place that is not marked as in the EU.")
forbid (principal, action in [Action::"write", Action::"send", Action::"pay"], resource)
when { context.pii_count > 0 }
unless { resource in Resource::"/eu" || context.resource like "eu:*" || context.resource like "eu-*" || context.resource like "/eu-*" };

@id("nothing-restored-outside-the-eu")
@advice("Personal data is restored for tools in the EU only.")
forbid (principal, action, resource)
when { !context.restores.isEmpty() }
unless { resource in Resource::"/eu" || context.resource like "eu:*" || context.resource like "eu-*" || context.resource like "/eu-*" };
`

export const dataResidencyEuInvariants = `@invariant("no personal data is sent to the US")
forbid (principal, action in Action::"send", resource)
when { context.pii_count > 0 && context.resource like "us-*" };
`
