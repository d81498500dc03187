import { createHash } from 'node:crypto'
import type { MaskedCall } from '../call.ts'
import { type Draft, type Predicate, predicateNames } from '../decision.ts'
import { isObject } from '../json.ts'
import { cedarRequest, type CedarRequest, UnfitError } from '../policy/facts.ts'
import type { MatchedFact } from '../policy/matched.ts'
import type { PolicyTool } from '../policy/schema.ts'
import { callWorld, type Fact } from './call-world.ts'
import { encoding as newEncoding } from './encoding.ts'
import { ground } from './ground.ts'
import { meaning, within } from './meaning.ts'
import { ownReading } from './own-reading.ts'
import { placeOf } from './place.ts'
import { relevant } from './relevant.ts'
import { sets as newSets } from './sets.ts'
import { type Slice, slice } from './slice.ts'
import { smtName } from './smt-text.ts'
import type { PolicySyntax } from './syntax.ts'
import type { Term } from './term.ts'
import { type TheoremText, theoremText } from './theorem-text.ts'
import { type Verdicts, verdicts } from './verdict.ts'

/** What was read for a proof besides its decision. Kept with the decision's private record, so that its theorem can be written again. */
export interface Basis {
  /** 32 random bytes, hex: what makes the theorem's hash tell nothing of its facts. */
  readonly salt: string
  /** The sets that were active when the proof was made, read anew and not taken from who judged by them. */
  readonly sets: readonly { readonly id: string; readonly digest: string }[]
  readonly tool: PolicyTool | null
  /** The approval that the call brings, as its table has it. */
  readonly approval: ApprovalOnFile | null
  /** What the house does about obligations by itself. */
  readonly house: { readonly reserves: boolean; readonly masks: readonly string[] }
}

/** An approval as its table has it. */
export interface ApprovalOnFile {
  readonly id: string
  readonly call: string
  readonly state: string
  readonly expiresAt: number
  readonly answers: readonly { readonly by: string; readonly approved: boolean; readonly roles: readonly string[] }[]
}

/** What a theorem is of: plain data. */
export interface Judged extends Pick<Draft, 'verdict' | 'issuedAt' | 'expiresAt'> {
  readonly decision: string
  readonly call: MaskedCall
  readonly findings: readonly { readonly control: string; readonly verdict: string; readonly code: string | null }[]
  /** What the control that evaluated the policies says: by which sets, and which of their policies decided. */
  readonly policy: Draft['policy']
}

/** The policies of all active sets, each named `set/policy`, and the regular expressions that they ask for. */
export interface ReadPolicies {
  readonly policies: readonly PolicySyntax[]
  readonly matches: readonly MatchedFact[]
}

/** One decision, as a question to a solver: the script is unsatisfiable exactly when the decision is what policies and facts demand. */
export interface Theorem extends TheoremText {
  /** SHA-256, hex, of the script. */
  readonly hash: string
  /** What the theorem claims of the six predicates, with what each rests on. */
  readonly predicates: readonly Predicate[]
  /** What policies and facts demand, as far as it can be said without a solver. */
  readonly demanded: Draft['verdict'] | undefined
  /** How many policies it is about, of how many that are active. */
  readonly slice: { readonly read: number; readonly of: number }
  /** Constructs that are not encoded and that it depends on. */
  readonly gaps: readonly string[]
}

/** What is used of the code besides this folder, to be replaced by faulty parts in tests. */
export interface Parts {
  readonly facts: typeof cedarRequest
  readonly slice: (policies: readonly PolicySyntax[], request: CedarRequest) => Slice
  readonly meaning: typeof meaning
}

const usual: Parts = { facts: cedarRequest, slice, meaning }

/** What the solver shares with the evaluator, by name: a fault there could deceive both. */
export const sharedParts: readonly string[] = [
  'parser: cedar-wasm policyToJson, policy/cedar-text, policy/exact-integers',
  'facts: policy/facts, policy/matched',
]

export function theoremOf(judged: Judged, basis: Basis, { policies, matches }: ReadPolicies, parts: Parts = usual): Theorem {
  const encoding = newEncoding()
  const { t } = encoding
  const { call, findings, verdict } = judged
  const told: Fact[] = []
  const tell = (name: string, value: Term, own?: Term): Term => {
    const symbol = t.symbol(name, value.sort)
    told.push({ symbol, value, ...(own && { own }) })
    return symbol
  }
  const text = (value: string) => t.string(value)
  const byPolicies = findings.find(({ control }) => control === 'policy')
  const asked = byPolicies !== undefined && byPolicies.code !== 'control-failed'
  const place = asked ? placed() : undefined
  const found = place?.verdicts ?? { allow: t.bool(false), hold: t.bool(false), stands: new Map() satisfies Verdicts['stands'] }
  const [permits, forbids] = (['permit', 'forbid'] as const).map((effect) => [...found.stands].filter(([each]) => each.effect === effect))

  const attested = findings.filter(({ control }) => control !== 'policy' || !asked)
  const said = attested.map((each, at) => ({
    ...each,
    is: tell(smtName('finding', each.control, ...(named(attested, at) ? [] : [`${at}`])), text(each.verdict)),
  }))
  const denied = t.or(...said.map(({ is }) => t.eq(is, text('deny'))))
  // A question to a person is filed because another control holds: of itself it is no reason to.
  const held = t.or(...said.filter(({ code }) => code !== 'approval-pending').map(({ is }) => t.eq(is, text('hold'))))

  const tenant = tell('call.tenant', text(call.tenant), text(call.principal.tenant))
  const predicates: { readonly [name in (typeof predicateNames)[number]]: Term } = {
    AuthValid: t.and(
      tell('authenticated', t.bool(!isShutOut(findings))),
      t.not(t.eq(tell('principal.uid', text(call.principal.id)), text(''))),
    ),
    LineageValid: t.and(
      t.eq(tell('grants.needed', t.int(0)), t.int(0)),
      t.eq(tell('principal.tenant', text(call.principal.tenant)), tenant),
    ),
    PermitExists: t.and(
      tell('policies.asked', t.bool(asked)),
      tell('policies.fit', t.bool(place !== undefined)),
      t.or(...(permits ?? []).map(([, term]) => term)),
    ),
    DenyExists: t.or(...(forbids ?? []).map(([, term]) => term)),
    ObligationsMet: t.and(t.not(denied), t.not(held), t.not(found.hold), approvalStands()),
    ContextBound: t.bool(true),
  }
  const judgedBy = tell('policies.judged_by', text(judged.policy.digests.join(' ')))
  const active = tell('policies.active', text(basis.sets.map(({ digest }) => digest).join(' ')))
  const [issued, expires] = [tell('issued_at', t.int(judged.issuedAt)), tell('expires_at', t.int(judged.expiresAt))]
  const session = tell('call.session', text(call.session))
  const read = [...told, ...(place?.world.facts() ?? []), ...discharged()]
  const twice = read.flatMap(({ symbol, own }) =>
    own ? [{ symbol, own: { symbol: t.symbol(`own.${symbol.text}`, own.sort), value: own } }] : [],
  )
  const facts: readonly Fact[] = [...read, ...twice.map(({ own }) => own)]
  const bound = t.and(
    ...twice.map(({ symbol, own }) => t.eq(symbol, own.symbol)),
    t.bool(read.every(({ own }) => own !== null)),
    asked ? t.eq(judgedBy, active) : t.bool(true),
    t.below(issued, expires),
    t.not(t.eq(session, text(''))),
  )
  const all = { ...predicates, ContextBound: bound }
  const admissible = t.and(...predicateNames.map((name) => (name === 'DenyExists' ? t.not(all[name]) : all[name])))
  const open = t.and(all.AuthValid, all.LineageValid, all.ContextBound, t.not(denied), t.or(found.allow, found.hold))
  const demanded = t.ite(admissible, text('allow'), t.ite(open, text('hold'), text('deny')))

  const sliced = t.and(...(place?.leftOut ?? []).map(({ excluded }) => t.not(excluded)))
  const applying = (name: string): Term => {
    const policy = place?.read.find(({ id }) => id === name)
    if (!policy || !place) return t.bool(false)
    const { applies, errs } = place.meaning(policy)
    return t.or(applies, errs)
  }
  const determining = t.and(...judged.policy.determining.map(applying))

  const values = new Map(facts.flatMap(({ symbol, value }) => (value.literal === undefined ? [] : [[symbol, value.literal] as const])))
  const worked = ground(values)
  // Whatever the verdict: without these, nobody knows what was decided about.
  const always: ReadonlySet<string> = new Set([...(isShutOut(findings) ? [] : ['AuthValid']), 'LineageValid', 'ContextBound'])
  const claims = predicateNames.map((name) => ({ name, term: all[name], holds: always.has(name) || worked(all[name]) === true }))
  const saying = tell('verdict', text(verdict))
  const { gaps } = relevant(encoding, newSets(encoding), [admissible, demanded, sliced, determining])
  const { script, quick } = theoremText({
    decision: judged.decision,
    salt: basis.salt,
    encoding,
    facts,
    verdict: { symbol: saying, value: text(verdict) },
    policies: (place?.read ?? []).map((policy) => ({ policy, term: found.stands.get(policy) ?? t.bool(false) })),
    leftOut: place?.leftOut ?? [],
    predicates: claims,
    demanded,
    sliced,
    determining: { term: determining, names: judged.policy.determining },
  })
  return {
    script,
    quick,
    hash: createHash('sha256').update(script).digest('hex'),
    predicates: claims.map(({ name, holds }) => ({ name, holds, witness: witnessOf(name) })),
    demanded: verdictIn(worked(demanded)),
    slice: { read: place?.read.length ?? 0, of: policies.length },
    gaps,
  }

  /** The facts of the call and what the policies mean for it; `undefined` when the call has no exact form in Cedar. */
  function placed() {
    try {
      const matched = matches.filter(({ holds }) => holds(call)).map(({ name }) => name)
      const tool = basis.tool ?? undefined
      const request = parts.facts(call, tool, matched)
      const world = callWorld(encoding, newSets(encoding), request, ownReading(call, tool, matched))
      const here = placeOf(world, parts.meaning)
      const { read, leftOut } = parts.slice(policies, request)
      return {
        ...here,
        world,
        read,
        leftOut: leftOut.map((each) => ({ ...each, excluded: within(world, world[each.part], each.policy.json[each.part]) })),
        verdicts: verdicts(here, read),
      }
    } catch (error) {
      if (error instanceof UnfitError) return undefined
      throw error
    }
  }

  /** What an obligation asks and no fact of Cedar's says: whether it is discharged, and whether it ought to be. */
  function discharged(): readonly Fact[] {
    return [...encoding.outsides()].map(([symbol, name]) => {
      const value = t.bool(isDischarged(name, judged, basis))
      // The control says who approved, and the table knows.
      const role = /^approval (.*)$/u.exec(name)?.[1]
      if (role === undefined) return { symbol, value }
      return { symbol, value, own: t.bool(call.context['approval'] !== undefined && rolesOf(basis.approval).includes(role)) }
    })
  }

  /** An approval counts for its own call, while it lasts, with as many people as gave it. */
  function approvalStands(): Term {
    const fact = call.context['approval']
    if (fact === undefined) return t.bool(true)
    const { approval } = basis
    const brought = isObject(fact) ? fact : {}
    const people = new Set(approval?.answers.flatMap(({ by, approved }) => (approved ? by : [])))
    return t.and(
      t.eq(tell('approval.id', text(approval?.id ?? '')), tell('approval.brought', text(`${brought['id']}`))),
      t.eq(tell('approval.call', text(approval?.call ?? '')), tell('call.id', text(call.id))),
      t.eq(tell('approval.state', text(approval?.state ?? '')), text('approved')),
      t.atMost(tell('approval.people.brought', t.int(Number(brought['quorum'] ?? 1))), tell('approval.people', t.int(people.size))),
      t.below(tell('approval.now', t.int(judged.issuedAt)), tell('approval.expires_at', t.int(approval?.expiresAt ?? 0))),
    )
  }

  function witnessOf(name: Predicate['name']): readonly string[] {
    switch (name) {
      case 'AuthValid':
        return [call.principal.id]
      case 'LineageValid':
        return []
      case 'PermitExists':
      case 'DenyExists': {
        const effect = name === 'PermitExists' ? 'permit' : 'forbid'
        return [...found.stands].filter(([each, term]) => each.effect === effect && worked(term) === true).map(([{ id }]) => id)
      }
      case 'ObligationsMet':
        return [
          ...said.filter(({ verdict: each }) => each === 'deny' || each === 'hold').map(({ control }) => control),
          ...(worked(found.hold) === true ? ['policy'] : []),
        ]
      case 'ContextBound':
        return basis.sets.map(({ digest }) => digest)
    }
  }
}

/** Whoever asked for a held call may not ask any more: it is refused on nobody's credential. */
function isShutOut(findings: Judged['findings']): boolean {
  return findings.some(({ control, verdict }) => control === 'identify' && verdict === 'deny')
}

function named(findings: Judged['findings'], at: number): boolean {
  return findings.findIndex(({ control }) => control === findings[at]?.control) === at
}

function verdictIn(value: unknown): Draft['verdict'] | undefined {
  return value === 'allow' || value === 'hold' || value === 'deny' ? value : undefined
}

/** The roles that every one of the approvers had. */
function rolesOf(approval: ApprovalOnFile | null): readonly string[] {
  const [first, ...others] = approval?.answers ?? []
  return (first?.roles ?? []).filter((role) => others.every(({ roles }) => roles.includes(role)))
}

/** `confirmed`, `approval legal`, `rate 100/1m`, `budget 10.00/1d`, `mask SSN,EMAIL`: a limit is discharged by the control that reserves. */
function isDischarged(name: string, { call, findings, verdict }: Judged, { house: { reserves, masks } }: Basis): boolean {
  const [obligation, value = ''] = name.split(' ')
  switch (obligation) {
    case 'confirmed':
      return call.context['confirmed'] === true
    case 'approval': {
      const approval = call.context['approval']
      const roles = isObject(approval) ? approval['roles'] : undefined
      return Array.isArray(roles) && roles.includes(value)
    }
    case 'rate':
    case 'budget':
      return reserves && (verdict !== 'allow' || findings.some(({ control }) => control === 'obligations'))
    case 'mask':
      return call.tool.boundary === 'external' && value.split(',').every((kind) => masks.includes(kind))
    default:
      return false
  }
}
