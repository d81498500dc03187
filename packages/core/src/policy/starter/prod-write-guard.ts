/** Production changes only with an approval. Permits nothing itself. */
export const prodWriteGuard = `@id("prod-needs-approval")
@hold("approval")
@advice("The call changes production: somebody looks first.")
forbid (principal, action in [Action::"write", Action::"delete", Action::"execute", Action::"pay", Action::"send"], resource)
when {
  resource in Resource::"/prod" || resource in Resource::"/production" || context.resource like "prod:*" || context.resource like "production:*"
}
unless { context has approval };
`

export const prodWriteGuardInvariants = `@invariant("nothing is deleted from production without an approval")
forbid (principal, action in Action::"delete", resource)
when { resource in Resource::"/prod" || context.resource like "prod:*" }
unless { context has approval };
`
