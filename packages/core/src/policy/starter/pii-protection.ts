/** Personal data stays in: what identifies a person is sent only with an approval, and never in bulk. Permits nothing itself. */
export const piiProtection = `@id("identity-needs-approval")
@hold("approval")
@advice("The call carries what identifies a person: somebody looks before it leaves.")
forbid (principal, action in [Action::"send", Action::"pay"], resource)
when {
  context.pii_kinds.containsAny(["SSN", "CREDIT_CARD", "IBAN", "US_BANK", "ITIN", "PASSPORT", "DRIVERS_LICENSE", "MEDICAL_LICENSE", "DATE_OF_BIRTH"])
}
unless { context has approval };

@id("no-credentials-out")
@advice("Keys and secrets are never sent: rotate them instead.")
forbid (principal, action in [Action::"send", Action::"pay"], resource)
when { context.pii_kinds.contains("API_KEY") };

@id("no-bulk")
@advice("More than 50 pieces of personal data at once is an export, not a message.")
forbid (principal, action in Action::"send", resource)
when { context.pii_count > 50 };

@id("nothing-restored-outwards")
@advice("Restored personal data stays with tools that are trusted with it.")
forbid (principal, action in Action::"send", resource)
unless { context.restores.isEmpty() };
`

export const piiProtectionInvariants = `@invariant("no social security number is sent without an approval")
forbid (principal, action in Action::"send", resource)
when { context.pii_kinds.contains("SSN") }
unless { context has approval };

@invariant("personal data is never sent in bulk")
forbid (principal, action in Action::"send", resource)
when { context.pii_count > 50 };
`
