import { type Draft, type Predicate, predicateNames } from '../decision.ts'
import { isObject } from '../json.ts'
import { callWorld, type Fact, type ReadCall } from './call-world.ts'
import { encoding as newEncoding } from './encoding.ts'
import { formText } from './form-text.ts'
import { ground } from './ground.ts'
import { approvers, type Basis, boundBy, isDischarged, isShutOut, type Judged, wereAsked } from './judgement.ts'
import { lineageOf } from './lineage.ts'
import { type meaning, within } from './meaning.ts'
import { names } from './naming.ts'
import { placeOf } from './place.ts'
import { relevant } from './relevant.ts'
import { sets as newSets } from './sets.ts'
import type { Slice } from './slice.ts'
import { smtName } from './smt-text.ts'
import type { Ask } from './structure.ts'
import type { Literal, Sort, Term } from './term.ts'
import { type Verdicts, verdicts } from './verdict.ts'

/** Everything that is read for one theorem. */
export interface Reading {
  readonly judged: Judged
  readonly basis: Basis
  /** The call as policies see it, and those that could apply; absent when policies were not asked, or the call has no exact form in Cedar. */
  readonly placed?: ReadCall & { readonly slice: Slice }
}

/** The theorem of all decisions of one structure, with symbols where theirs differ. */
export interface Form {
  /** SMT-LIB: what is a fact, what the policies mean for such facts, and the claim, which is named `theorem`. */
  readonly meanings: string
  readonly symbols: readonly { readonly name: string; readonly sort: Sort }[]
  /** The value of each symbol for one decision, and what the theorem claims. */
  readonly told: (reading: Reading) => Told
  /** How many policies it is about. */
  readonly policies: number
  /** What a solver is told beside the facts of the call and the findings: expressions, obligations that others discharge. */
  readonly attested: readonly string[]
  /** Constructs that are not encoded and that it depends on. */
  readonly gaps: readonly string[]
}

export interface Told {
  readonly values: readonly Literal[]
  /** What the theorem claims of the six predicates, with what each rests on. */
  readonly predicates: readonly Predicate[]
  /** What policies and facts demand, as far as it can be said without a solver. */
  readonly demanded: Draft['verdict'] | undefined
}

/** Writes the theorem of a decision, and of all that have the same structure. */
export function formOf(ask: Ask<Reading>, means: typeof meaning): Form {
  const encoding = newEncoding()
  const sets = newSets(encoding)
  const { t } = encoding
  const told: Fact<Reading>[] = []
  const tell = (name: string, sort: Sort, value: Fact<Reading>['value'], own?: Fact<Reading>['own']): Term => {
    const symbol = t.symbol(name, sort)
    told.push({ symbol, value, ...(own && { own }) })
    return symbol
  }
  const text = (value: string) => t.string(value)
  const asked = ask(({ judged }) => wereAsked(judged))
  const slice = ask(({ placed }) => placed?.slice)
  const place = slice && placed(slice)
  const found = place?.verdicts ?? { allow: t.bool(false), hold: t.bool(false), stands: new Map() satisfies Verdicts['stands'] }
  const [permits, forbids] = (['permit', 'forbid'] as const).map((effect) => [...found.stands].filter(([each]) => each.effect === effect))

  const said = others()
  const denied = t.or(...said.map(({ is }) => t.eq(is, text('deny'))))
  // A question to a person is filed because another control holds: of itself it is no reason to.
  const held = t.or(...said.filter(({ asks }) => !asks).map(({ is }) => t.eq(is, text('hold'))))

  const issued = tell('issued_at', 'Int', ({ judged }) => BigInt(judged.issuedAt))
  const ofCall = (name: 'tenant' | 'session' | 'id') => tell(`call.${name}`, 'String', ({ judged }) => judged.call[name])
  const tenant = tell(
    'call.tenant',
    'String',
    ({ judged }) => judged.call.tenant,
    ({ judged }) => judged.call.principal.tenant,
  )
  const home = tell('principal.tenant', 'String', ({ judged }) => judged.call.principal.tenant)
  const handed = lineageOf({ t, tell, ask, tenant, now: issued })
  const predicates = {
    AuthValid: t.and(
      tell('authenticated', 'Bool', ({ judged }) => !isShutOut(judged)),
      t.not(
        t.eq(
          tell('principal.uid', 'String', ({ judged }) => judged.call.principal.id),
          text(''),
        ),
      ),
    ),
    LineageValid: handed.valid,
    PermitExists: t.and(
      tell('policies.asked', 'Bool', ({ judged }) => wereAsked(judged)),
      tell('policies.fit', 'Bool', (reading) => reading.placed !== undefined),
      t.or(...(permits ?? []).map(([, term]) => term)),
    ),
    DenyExists: t.or(...(forbids ?? []).map(([, term]) => term)),
    ObligationsMet: t.and(t.not(denied), t.not(held), t.not(found.hold), t.not(handed.owes), approvalStands()),
  }
  const judgedBy = tell('policies.judged_by', 'String', ({ judged }) => judged.policy.digests.join(' '))
  const active = tell('policies.active', 'String', ({ basis }) => basis.sets.map(({ digest }) => digest).join(' '))
  const expires = tell('expires_at', 'Int', ({ judged }) => BigInt(judged.expiresAt))
  const session = ofCall('session')
  const read = [...told, ...(place?.facts() ?? []), ...discharged()]
  const twice = read.flatMap(({ symbol, own }) => (own ? [{ symbol, own, twin: t.symbol(`own.${symbol.text}`, symbol.sort) }] : []))
  const complete = t.symbol('own.complete', 'Bool')
  const bound = t.and(
    t.eq(home, tenant),
    ...twice.map(({ symbol, twin }) => t.eq(symbol, twin)),
    complete,
    asked ? t.eq(judgedBy, active) : t.bool(true),
    t.below(issued, expires),
    t.not(t.eq(session, text(''))),
  )
  const all: { readonly [name in (typeof predicateNames)[number]]: Term } = { ...predicates, ContextBound: bound }
  const admissible = t.and(...predicateNames.map((name) => (name === 'DenyExists' ? t.not(all[name]) : all[name])))
  const open = t.and(all.AuthValid, all.LineageValid, all.ContextBound, t.not(denied), t.or(found.allow, found.hold))
  const demanded = t.ite(admissible, text('allow'), t.ite(open, text('hold'), text('deny')))

  const sliced = t.and(...(place?.leftOut ?? []).map(({ excluded }) => t.not(excluded)))
  const determining = ask(({ judged }) => judged.policy.determining.join('\n'))
    .split('\n')
    .filter((name) => name !== '')
  const determined = t.and(...determining.map(applying))
  const verdict = t.symbol('verdict', 'String')
  const claims = predicateNames.map((name) => ({ name, term: all[name], claimed: t.symbol(`claimed.${name}`, 'Bool') }))
  const symbols = [
    ...read.map(({ symbol }) => symbol),
    ...twice.map(({ twin }) => twin),
    complete,
    verdict,
    ...claims.map(({ claimed }) => claimed),
  ]
  const { gaps } = relevant(encoding, sets, [admissible, demanded, sliced, determined])
  const meanings = formText({
    encoding,
    symbols,
    policies: (place?.read ?? []).map((policy) => ({ policy, term: found.stands.get(policy) ?? t.bool(false) })),
    leftOut: place?.leftOut ?? [],
    claims,
    verdict,
    demanded,
    sliced,
    determining: { term: determined, names: determining },
  })
  return {
    meanings,
    symbols: symbols.map(({ text: name = '', sort }) => ({ name, sort })),
    told: tellAll,
    policies: place?.read.length ?? 0,
    attested: [
      ...(handed.asked ? ['grants/signatures'] : []),
      ...(symbols.some(({ text }) => text === matched) ? ['context/matched'] : []),
      ...[...encoding.outsides().values()].map((name) => `obligation/${name}`),
    ],
    gaps,
  }

  function tellAll(reading: Reading): Told {
    const first = read.map(({ value }) => value(reading))
    const again = twice.map(({ own }) => own(reading))
    const facts = [...first, ...again.map((value, at) => value ?? nothing(twice[at]?.twin.sort)), !again.includes(undefined)]
    const worked = ground(new Map(facts.flatMap((value, at) => (symbols[at] ? [[symbols[at], value] as const] : []))))
    const { judged } = reading
    // Whatever the verdict: without these, nobody knows what was decided about.
    const always: ReadonlySet<string> = new Set([...(isShutOut(judged) ? [] : ['AuthValid']), 'ContextBound'])
    const claimed = claims.map(({ name, term }) => always.has(name) || worked(term) === true)
    return {
      values: [...facts, judged.verdict, ...claimed],
      predicates: predicateNames.map((name, at) => {
        const holds = claimed[at] === true
        return { name, holds, witness: witnessOf(name, holds, reading, worked) }
      }),
      demanded: verdictIn(worked(demanded)),
    }
  }

  /** What controls found that are believed: all but the one whose verdict the policies themselves give. */
  function others() {
    const at = ask(({ judged }) => judged.findings.map(({ control }) => control).join('\n')).split('\n')
    return at.flatMap((control, index) => {
      if (control === '' || (control === 'policy' && asked)) return []
      const asks = ask(({ judged }) => judged.findings[index]?.code === 'approval-pending')
      const name = smtName('finding', control, ...(at.indexOf(control) === index ? [] : [`${index}`]))
      return [{ index, control, asks, is: tell(name, 'String', ({ judged }) => judged.findings[index]?.verdict ?? '') }]
    })
  }

  /** The facts of the call and what the policies mean for it. */
  function placed({ read: could, leftOut }: Slice) {
    const world = callWorld(encoding, sets, (question) => ask((reading) => question(callIn(reading))))
    const here = placeOf(world, means)
    const excluding = leftOut.map((each) => ({ ...each, excluded: within(world, world[each.part], each.policy.json[each.part]) }))
    const found = verdicts(here, could)
    return {
      ...here,
      read: could,
      leftOut: excluding,
      verdicts: found,
      facts: () =>
        world.facts().map(
          ({ symbol, value, own }): Fact<Reading> => ({
            symbol,
            value: (reading) => value(callIn(reading)),
            ...(own && { own: (reading: Reading) => own(callIn(reading)) }),
          }),
        ),
    }
  }

  function applying(name: string): Term {
    const policy = place?.read.find(({ id }) => id === name)
    if (!policy || !place) return t.bool(false)
    const { applies, errs } = place.meaning(policy)
    return t.or(applies, errs)
  }

  /** What an obligation asks and no fact of Cedar's says: whether it is discharged, and whether it ought to be. */
  function discharged(): readonly Fact<Reading>[] {
    return [...encoding.outsides()].map(([symbol, name]) => {
      const value = ({ judged, basis }: Reading) => isDischarged(name, judged, basis)
      // The control says who approved, and the table knows.
      const [, role, least = '1'] = /^approval (\S+)(?: (\d+))?$/u.exec(name) ?? []
      if (role === undefined) return { symbol, value }
      const own = ({ judged, basis }: Reading) => judged.call.context['approval'] !== undefined && approvers(basis, role) >= Number(least)
      return { symbol, value, own }
    })
  }

  /** An approval counts for its own call, of its own asker and with its own input, while it lasts, with as many people as gave it. */
  function approvalStands(): Term {
    if (!ask(({ judged }) => judged.call.context['approval'] !== undefined)) return t.bool(true)
    const brought = ({ judged }: Reading) => {
      const fact = judged.call.context['approval']
      return isObject(fact) ? fact : {}
    }
    const onFile = (name: 'id' | 'call' | 'state') => tell(`approval.${name}`, 'String', ({ basis }) => basis.approval?.[name] ?? '')
    const people = ({ basis }: Reading) => new Set(basis.approval?.answers.flatMap(({ by, approved }) => (approved ? by : []))).size
    const asked = (['tenant', 'principal', 'person', 'session', 'tool', 'action', 'resource', 'binding'] as const).map((part) =>
      t.eq(
        tell(`approval.of.${part}`, 'String', ({ basis }) => basis.approval?.of[part] ?? ''),
        tell(`approval.for.${part}`, 'String', ({ judged, basis }) => boundBy(judged.call, basis.binding ?? '')[part]),
      ),
    )
    return t.and(
      ...asked,
      t.eq(
        onFile('id'),
        tell('approval.brought', 'String', (reading) => `${brought(reading)['id']}`),
      ),
      t.eq(onFile('call'), ofCall('id')),
      t.eq(onFile('state'), text('approved')),
      t.atMost(
        tell('approval.people.brought', 'Int', (reading) => BigInt(Number(brought(reading)['quorum'] ?? 1))),
        tell('approval.people', 'Int', (reading) => BigInt(people(reading))),
      ),
      t.below(
        tell('approval.now', 'Int', ({ judged }) => BigInt(judged.issuedAt)),
        tell('approval.expires_at', 'Int', ({ basis }) => BigInt(basis.approval?.expiresAt ?? 0)),
      ),
    )
  }

  function witnessOf(
    name: Predicate['name'],
    holds: boolean,
    { judged, basis }: Reading,
    worked: (term: Term) => Literal | undefined,
  ): readonly string[] {
    switch (name) {
      case 'AuthValid':
        return [judged.call.principal.id]
      case 'LineageValid':
        return (basis.grants?.chains ?? []).flat().map(({ id }) => id)
      case 'PermitExists':
      case 'DenyExists':
        return ((name === 'PermitExists' ? permits : forbids) ?? []).filter(([, term]) => worked(term) === true).map(([{ id }]) => id)
      case 'ObligationsMet':
        return holds
          ? said.map(({ control }) => control)
          : [
              ...said.filter(({ index }) => ['deny', 'hold'].includes(judged.findings[index]?.verdict ?? '')).map(({ control }) => control),
              ...(worked(found.hold) === true ? ['policy'] : []),
            ]
      case 'ContextBound':
        return basis.sets.map(({ digest }) => digest)
    }
  }
}

const matched = names.present(['context', 'matched'])

function callIn({ placed }: Reading): ReadCall {
  if (!placed) throw new TypeError('A call without an exact form in Cedar has no facts.')
  return placed
}

function verdictIn(value: unknown): Draft['verdict'] | undefined {
  return value === 'allow' || value === 'hold' || value === 'deny' ? value : undefined
}

function nothing(sort: Sort | undefined): Literal {
  return sort === 'Bool' ? false : sort === 'Int' ? 0n : ''
}
