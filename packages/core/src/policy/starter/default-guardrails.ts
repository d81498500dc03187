/**
 * What a new server and the demo start with, visibly: ordinary calls of registered tools by working roles pass, what
 * deletes, pays or sends waits for a person, and what is dangerous on its face is forbidden.
 */
export const defaultGuardrails = `@id("ordinary-calls")
@advice("Reads, writes and executions of registered tools are permitted to working roles.")
permit (principal, action in [Action::"read", Action::"write", Action::"execute"], resource)
when {
  principal in Role::"admin" || principal in Role::"developer" || principal in Role::"agent_operator" ||
  principal in Role::"service_agent"
};

@id("reads-by-auditors")
@advice("Those who look on may read.")
permit (principal, action in Action::"read", resource)
when { principal in Role::"auditor" || principal in Role::"viewer" };

@id("consequences-need-approval")
@approval("approver")
@advice("What deletes, pays or sends cannot be taken back: a person decides.")
permit (principal, action in [Action::"delete", Action::"pay", Action::"send"], resource)
when {
  principal in Role::"admin" || principal in Role::"developer" || principal in Role::"agent_operator" ||
  principal in Role::"service_agent"
};

@id("no-severe-threats")
@advice("The arguments of the tool hold what looks like an attack. Messages to a model are judged by the threat detectors alone.")
forbid (principal, action in [Action::"delete", Action::"pay", Action::"send", Action::"execute"], resource)
when { ["critical", "high"].contains(context.threat_severity) }
unless { action in Action::"execute" && action in Action::"model.call" };

@id("untrusted-input-needs-approval")
@hold("approval")
@advice("Content from outside shaped this call: a person looks first.")
forbid (principal, action in [Action::"delete", Action::"pay", Action::"send"], resource)
when { context.taint == "untrusted" }
unless { context has approval };
`

/** What its forbids guarantee, whatever other sets permit beside it: only to weaken them breaks an invariant. */
export const defaultGuardrailsInvariants = `@invariant("what untrusted content shaped is not deleted, paid or sent without an approval")
forbid (principal, action in [Action::"delete", Action::"pay", Action::"send"], resource)
when { context.taint == "untrusted" }
unless { context has approval };

@invariant("what looks like an attack is never deleted, paid or sent")
forbid (principal, action in [Action::"delete", Action::"pay", Action::"send"], resource)
when { context.threat_severity == "critical" };
`
