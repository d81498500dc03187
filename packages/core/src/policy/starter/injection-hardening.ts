/** Content from outside may not reach what sends, pays or deletes without an approval, nor what executes at all. Permits nothing itself. */
export const injectionHardening = `// Content from outside is what callers label so, what strangers say in a conversation, and what a tool returns
// that is not registered with an outputLabel "none" or "user", until a person or a tool that declassifies resets it.
@id("untrusted-needs-approval")
@hold("approval")
@advice("Content from outside shaped this call: a person looks before it sends, pays, deletes or writes.")
forbid (principal, action in [Action::"send", Action::"pay", Action::"delete", Action::"write"], resource)
when { context.taint == "untrusted" }
unless { context has approval };

@id("untrusted-requests-need-approval")
@hold("approval")
@advice("Content from outside chose an address to read: whatever stands in it leaves the house.")
forbid (principal, action in Action::"read", resource)
when { context.taint == "untrusted" && context.resource like "*://*" }
unless { context has approval };

@id("untrusted-never-executes")
@advice("Content from outside never runs as code. A model may still be called.")
forbid (principal, action in Action::"execute", resource)
when { context.taint == "untrusted" }
unless { action in Action::"model.call" };

@id("untrusted-attacks-stop")
@advice("Content from outside that also looks like an attack goes nowhere but to a model.")
forbid (principal, action, resource)
when { context.taint == "untrusted" && context.threat_severity != "none" }
unless { action in Action::"execute" && action in Action::"model.call" };
`

export const injectionHardeningInvariants = `@invariant("untrusted content is never sent without an approval")
forbid (principal, action in [Action::"send", Action::"pay", Action::"delete"], resource)
when { context.taint == "untrusted" }
unless { context has approval };
`
