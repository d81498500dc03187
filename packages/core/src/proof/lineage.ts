import type { Basis, GrantOnFile, Judged } from './judgement.ts'
import type { Ask } from './structure.ts'
import type { Literal, Sort, Term, Terms } from './term.ts'

interface Handed {
  readonly judged: Judged
  readonly basis: Basis
}

export interface LineageParts {
  readonly t: Terms
  readonly tell: (name: string, sort: Sort, value: (reading: Handed) => Literal) => Term
  readonly ask: Ask<Handed>
  readonly tenant: Term
  readonly now: Term
}

/** How many links a chain has at most. */
const deepest = 8

/**
 * What grants mean for a call, from their rows alone: of the agent, and of the person it acts for. Each that was ever handed a grant
 * brings a chain, every link of which stands and covers the call by itself. `owes`: a link lets a person approve, and nobody has.
 */
export function lineageOf({ t, tell: tellOf, ask, tenant, now }: LineageParts): {
  readonly valid: Term
  readonly owes: Term
  readonly asked: boolean
} {
  const known = new Map<string, Term>()
  const tell: LineageParts['tell'] = (name, sort, value) => {
    const term = known.get(name) ?? tellOf(name, sort, value)
    known.set(name, term)
    return term
  }
  const who = {
    agent: ({ judged }: Handed): string | undefined => judged.call.principal.id,
    person: ({ judged }: Handed): string | undefined => judged.call.principal.onBehalfOf,
  }
  const each = (['agent', 'person'] as const).filter((name) => ask((reading) => who[name](reading) !== undefined)).map(of)
  const asked = each.some(({ bound }) => bound)
  const approved = ask(({ judged }) => judged.call.context['approval'] !== undefined)
  return {
    valid: t.and(...each.map(({ valid }) => valid)),
    owes: approved ? t.bool(false) : t.or(...each.flatMap(({ owes }) => owes)),
    asked,
  }

  function of(name: keyof typeof who) {
    const isBound = (reading: Handed) => reading.basis.grants?.bound.includes(who[name](reading) ?? '') ?? false
    const chainOf = (reading: Handed): readonly GrantOnFile[] =>
      reading.basis.grants?.chains.find(([own]) => own?.holder === who[name](reading)) ?? []
    const needed = tell(`grants.${name}.needed`, 'Bool', isBound)
    const bound = ask(isBound)
    const length = bound ? ask((reading) => chainOf(reading).length) : 0
    const links = Array.from({ length: Math.min(length, deepest + 1) }, (_, at) =>
      link(`grant.${name}.${at}`, (reading) => chainOf(reading)[at]),
    )
    const [own] = links
    const last = links.at(-1)
    const holder = () => tell(`grants.${name}.id`, 'String', (reading) => who[name](reading) ?? '')
    const chained = links.flatMap((here, at) => {
      const above = links[at + 1]
      return above ? [t.eq(here.parent, above.id), t.eq(here.issuer, above.holder)] : []
    })
    const covered =
      own && last && links.length <= deepest
        ? t.and(t.eq(own.holder, holder()), ...links.map(({ covers }) => covers), ...chained, t.eq(last.parent, t.string('')))
        : t.bool(false)
    return { bound, valid: t.or(t.not(needed), covered), owes: links.map(({ owes }) => owes) }
  }

  /** One grant: whether it stands and covers the call by itself. */
  function link(at: string, of: (reading: Handed) => GrantOnFile | undefined) {
    const text = (field: string, value: (grant: GrantOnFile) => string | undefined) =>
      tell(`${at}.${field}`, 'String', (reading) => nothingless(of(reading), value) ?? '')
    const listed = (field: 'actions' | 'resources') =>
      Array.from({ length: ask((reading) => of(reading)?.[field].length ?? 0) }, (_, index) =>
        text(`${field}.${index}`, (grant) => grant[field][index]),
      )
    const actions = listed('actions').map((action) =>
      t.or(
        t.eq(
          action,
          tell('call.tool', 'String', ({ judged }) => judged.call.tool.name),
        ),
        t.eq(
          action,
          tell('call.effect', 'String', ({ judged }) => `effect:${judged.call.tool.effect}`),
        ),
      ),
    )
    const resource = tell('call.resource', 'String', ({ judged }) => judged.call.resource)
    const resources = listed('resources').map((pattern, index) => {
      const isBelow = ask((reading) => of(reading)?.resources[index]?.endsWith('/*') ?? false)
      const exact = t.or(t.eq(resource, pattern), t.eq(pattern, t.string('*')))
      if (!isBelow) return exact
      const folder = text(`resources.${index}.below`, (grant) => grant.resources[index]?.slice(0, -1))
      // What is told of the folder is what the grant says: with a star behind it, it is the pattern.
      const same = t.eq(t.join(folder, t.string('*')), pattern)
      const plain = tell('call.resource.plain', 'Bool', ({ judged }) => readAlike(judged.call.resource))
      return t.or(exact, t.and(same, plain, t.startsWith(resource, folder)))
    })
    const time = (field: 'issued_at' | 'expires_at', value: (grant: GrantOnFile) => number) =>
      tell(`${at}.${field}`, 'Int', (reading) => BigInt(nothingless(of(reading), value) ?? 0))
    const revoked = tell(`${at}.revoked`, 'Bool', (reading) => of(reading)?.revokedAt !== undefined)
    const covers = t.and(
      t.eq(
        text('tenant', (grant) => grant.tenant),
        tenant,
      ),
      t.not(revoked),
      tell(`${at}.signed`, 'Bool', (reading) => of(reading)?.unsigned !== true),
      t.atMost(
        time('issued_at', ({ issuedAt }) => issuedAt),
        now,
      ),
      t.below(
        now,
        time('expires_at', ({ expiresAt }) => expiresAt),
      ),
      t.or(...actions),
      t.or(...resources),
      cheapEnough(),
      trustedEnough(),
    )
    return {
      id: text('id', ({ id }) => id),
      parent: text('parent', ({ parent }) => parent),
      issuer: text('issuer', ({ issuer }) => issuer),
      holder: text('holder', ({ holder }) => holder),
      covers,
      owes: tell(`${at}.approval`, 'Bool', (reading) => of(reading)?.obligations?.includes('approval') ?? false),
    }

    function cheapEnough(): Term {
      if (ask((reading) => of(reading)?.constraints?.maxCost === undefined)) return t.bool(true)
      if (ask(({ judged }) => judged.call.tool.cost === undefined)) return t.bool(false)
      return t.atMost(
        tell('call.cost', 'Int', ({ judged }) => BigInt(judged.call.tool.cost ?? 0)),
        tell(`${at}.max_cost`, 'Int', (reading) => BigInt(of(reading)?.constraints?.maxCost ?? 0)),
      )
    }

    function trustedEnough(): Term {
      if (ask((reading) => of(reading)?.constraints?.taint === undefined)) return t.bool(true)
      const taint = tell('call.taint', 'String', ({ judged }) => String(judged.call.context['taint'] ?? 'untrusted'))
      return t.or(
        t.eq(taint, t.string('none')),
        t.eq(
          taint,
          text('taint', ({ constraints }) => constraints?.taint),
        ),
      )
    }
  }
}

function nothingless<T>(grant: GrantOnFile | undefined, value: (grant: GrantOnFile) => T): T | undefined {
  return grant && value(grant)
}

/** Whether nobody reads a path as another: nothing in it stands for something else, and no part of it is empty or dots. */
function readAlike(path: string): boolean {
  return !/[\\%;?#<>\p{C}\p{DI}]/u.test(path) && !/\/[.\s]*(?:\/|$)/u.test(path)
}
