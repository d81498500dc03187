import type { Decision, Found } from '../decision.ts'
import type { Json, JsonObject } from '../json.ts'
import { canonical } from './canonical.ts'
import { type Opening, salted, sha256 } from './digest.ts'
import { alphaText, type DecisionCertificate, type Fact, gammaText, predicateType, type Statement, statementType } from './statement.ts'

/** What the salted digests of a statement hide, by name: `input`, `context/<fact>`, `output`. */
export type Opened = { readonly [fact: string]: Opening }

/** What a certificate says besides its decision. */
export interface Judged {
  /** The tenant's epoch that the decision was made under. */
  readonly epoch: number
  /** Name and version of what evaluated the policies. */
  readonly evaluator: string
}

/**
 * The statement of a decision, to be signed; and what opens its digests, to be kept apart from it and destroyed with the
 * payload. Facts are held by salted digests unless they cannot be personal data (`disclose`).
 */
export function certify(decision: Decision, { epoch, evaluator }: Judged): { readonly statement: Statement; readonly opened: Opened } {
  const { id, call, verdict, reason, findings, obligations, policy, approval, issuedAt, expiresAt, proof } = decision
  const input = salted(call.input)
  const { facts, opened } = disclose(call.context, 'context/')
  const claims: Omit<DecisionCertificate, 'alpha_hash' | 'gamma_hash'> = {
    decision_id: id,
    call_id: call.id,
    issued_at: new Date(issuedAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    tenant: call.tenant,
    session: call.session,
    principal: call.principal.id,
    on_behalf_of: call.principal.onBehalfOf ?? null,
    roles: call.principal.roles,
    mfa: call.principal.mfa,
    tool: { name: call.tool.name, digest: call.tool.digest, effect: call.tool.effect, boundary: call.tool.boundary },
    action: call.action,
    resource: call.resource,
    input: input.digest,
    context: facts,
    epoch,
    policy_digests: policy.digests,
    theorem_hash: proof.theorem?.hash ?? null,
    verdict,
    result: verdict === 'allow' ? 'ADMISSIBLE' : 'INADMISSIBLE',
    reasons: [...new Set([reason, ...findings.map((found) => found.reason)].flatMap((found) => found?.code ?? []))],
    determining_policies: policy.determining,
    obligations: obligations.map(({ name, value, policy }) => ({ name, value, policy })),
    approval: approval ?? null,
    attested_facts: attested(call.context, findings, proof.theorem?.attested),
    findings: findings.map(({ control, verdict, reason, shadow }) => ({
      control,
      verdict,
      code: reason?.code ?? null,
      shadow: shadow ? { verdict: shadow.verdict, code: shadow.reason?.code ?? null } : null,
    })),
    proof: {
      type: proof.type,
      predicates: proof.predicates.map(({ name, holds, witness }) => ({ name, holds, witness })),
      slice: proof.theorem ? { read: proof.theorem.slice.read, of: proof.theorem.slice.of } : null,
    },
    solver: { ...proof.solver },
    evaluator_version: evaluator,
    shared: proof.theorem?.shared ?? [],
  }
  const alpha_hash = sha256(alphaText(claims))
  return {
    statement: {
      _type: statementType,
      subject: [{ name: call.id, digest: { sha256: alpha_hash } }],
      predicateType,
      predicate: { ...claims, alpha_hash, gamma_hash: sha256(gammaText(claims)) },
    },
    opened: { input: input.opening, ...opened },
  }
}

/**
 * Facts as a statement may tell them. Openly: booleans, null, whole numbers below a million (counts, not telephone
 * numbers) and the words of the product's own enumerations, or what `tellable` says. By salted digest: all else.
 */
export function disclose(
  facts: JsonObject,
  prefix: string,
  tellable: (value: string | number | boolean | null) => boolean = isHarmless,
): { readonly facts: { readonly [name: string]: Fact }; readonly opened: Opened } {
  const told: [string, Fact][] = []
  const opened: [string, Opening][] = []
  for (const [name, value] of Object.entries(facts)) {
    if (isPlain(value) && tellable(value)) {
      told.push([name, { value }])
      continue
    }
    const { digest, opening } = salted(value)
    told.push([name, { digest }])
    opened.push([`${prefix}${name}`, opening])
  }
  return { facts: Object.fromEntries(told), opened: Object.fromEntries(opened) }
}

/** The canonical form of a statement: the payload that is signed. */
export function payloadOf(statement: Statement): string {
  return canonical(statement)
}

const words: ReadonlySet<string> = new Set(
  [
    'none low medium high critical',
    'trusted untrusted user external internal',
    'read write delete execute send pay',
    'public web tool agent',
  ].flatMap((line) => line.split(' ')),
)

function isPlain(value: Json): value is string | number | boolean | null {
  return typeof value === 'number' ? Number.isSafeInteger(value) : value === null || typeof value !== 'object'
}

function isHarmless(value: string | number | boolean | null): boolean {
  if (typeof value === 'number') return Math.abs(value) < 1_000_000
  return typeof value !== 'string' || words.has(value)
}

/** Everything a solver was told rather than derived, which is what the policies say; without one, all that the verdict rests on. */
function attested(context: JsonObject, findings: readonly Found[], told: readonly string[] | undefined): readonly string[] {
  const controls = new Set(findings.map(({ control }) => `finding/${control}`))
  if (told) controls.delete('finding/policy')
  return ['authentication', 'tool', ...Object.keys(context).map((name) => `context/${name}`), ...(told ?? []), ...controls]
}
