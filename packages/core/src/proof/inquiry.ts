import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import { encoding as newEncoding } from './encoding.ts'
import { type Environment, environments } from './environment.ts'
import { type Example, exampleRequest, type Model } from './example.ts'
import { type ModelValue, modelValues } from './model.ts'
import { type Place, placeOf } from './place.ts'
import { type Relevant, relevant } from './relevant.ts'
import { sets as newSets } from './sets.ts'
import { smtScript } from './smt-text.ts'
import type { Term } from './term.ts'
import { type TextQuestion, texts as newTexts } from './texts.ts'
import { world } from './world.ts'

/** Whether there is a call of which a claim is true. */
export interface Query {
  /** SMT-LIB 2.6, ending in `(check-sat)`. Patterns are functions, of which `decode` tells more when it has to. */
  readonly script: string
  /** The terms whose values the solver is to give when it answers `sat`. */
  readonly terms: readonly string[]
  readonly decode: (model: string) => Decoded
  /** The same question with the meaning of every pattern in it, for any solver to check. */
  readonly exact: () => string
  /** Constructs that are not encoded and that the claim depends on, by policy and name. */
  readonly unsupported: readonly string[]
}

/** What a model (the solver's answer to `(get-value (terms))`) comes to. */
export type Decoded =
  /** A call, and the plainest call to the same tool. */
  | { readonly example: Example; readonly plain: Example['request'] }
  /** There are no texts as the model has them: the same question, knowing this. */
  | { readonly again: Query }
  | { readonly unsettled: string }

/** Asks questions about all calls that a schema allows. Policies that several questions speak of are encoded once. */
export interface Inquiry {
  readonly places: readonly (Place & { readonly environment: Environment })[]
  /** `undefined` when the claim is false of every call already as it is encoded. */
  readonly query: (claim: (place: Place) => Term) => Query | undefined
}

/** Says nothing, so that every value is the plain one. */
const blank: Model = { value: () => undefined, members: () => [] }

export function inquiry(schema: SchemaJson<string>): Inquiry {
  const encoding = newEncoding()
  const { t } = encoding
  const sets = newSets(encoding)
  const texts = newTexts(t)
  const places = environments(schema).map((environment) => ({ environment, ...placeOf(world(encoding, sets, environment)) }))

  return {
    places,
    query(claim) {
      // Tools that policies do not tell apart make the same claim, and one of them stands for all.
      const claims = new Map<Term, Environment>()
      for (const place of places) {
        const term = t.and(place.world.possible, claim(place))
        if (term.literal !== false && !claims.has(term)) claims.set(term, place.environment)
      }
      return claims.size === 0 ? undefined : queryOf(claims, [])
    },
  }

  function queryOf(claims: ReadonlyMap<Term, Environment>, learned: readonly Term[]): Query {
    const root = t.or(...claims.keys())
    const bare = relevant(encoding, sets, [...claims.keys(), ...learned])
    const about = texts.about(bare.terms)
    const said = relevant(encoding, sets, [...claims.keys()], [...learned, ...about.facts])
    for (const { pattern } of said.terms) if (pattern) t.apply(texts.functionOf(pattern), [t.string('')], 'Bool')
    const likes = new Set([...said.terms].map(({ op, pattern }) => (pattern ? texts.functionOf(pattern) : op)))
    const declared = t.declared().filter(({ name }) => said.used.has(name) || likes.has(name))
    const asked = questionsOf(claims, said, about)
    const script = smtScript(declared, [...said.asserted, root], asked.named, texts.functionOf)
    const exact = () =>
      smtScript(
        t.declared().filter(({ name }) => bare.used.has(name)),
        [...bare.asserted, root],
      )
    const decode = (answer: string): Decoded => {
      const value = asked.valuesOf(answer)
      const settled = about.settle(value)
      if ('unsettled' in settled) return settled
      if ('facts' in settled) return { again: queryOf(claims, [...learned, ...settled.facts]) }
      return described(claims, said, (term) => settled.texts.get(term) ?? value(term))
    }
    return { script, terms: asked.named.map(({ name }) => name), decode, exact, unsupported: said.gaps }
  }

  /** Everything that a call is made of, named so that its value can be asked. */
  function questionsOf(claims: ReadonlyMap<Term, Environment>, { used, elements }: Relevant, about: TextQuestion) {
    const wanted = new Set<Term>([...claims.keys(), ...about.asks])
    for (const { name, takes, sort } of t.declared()) {
      if (!used.has(name)) continue
      if (takes.length === 0) wanted.add(t.symbol(name, sort))
      const kind = sets.elementOf(name)
      if (kind === undefined) continue
      for (const element of elements(kind)) wanted.add(element).add(t.apply(name, [element], 'Bool'))
    }
    const named = [...wanted].filter(({ literal }) => literal === undefined).map((term, at) => ({ name: `value${at}`, term }))
    return {
      named,
      valuesOf(answer: string): (term: Term) => ModelValue | undefined {
        const values = named.length > 0 ? modelValues(answer) : []
        const found = new Map(named.map(({ term }, at) => [term, values[at]] as const))
        return (term) => term.literal ?? found.get(term)
      },
    }
  }

  function described(
    claims: ReadonlyMap<Term, Environment>,
    { elements }: Relevant,
    value: (term: Term) => ModelValue | undefined,
  ): Extract<Decoded, { example: Example }> {
    const chosen = [...claims].find(([term]) => value(term) === true)
    if (!chosen) throw new TypeError('The solver answered a model of which no claim is true.')
    const sorts = new Map(t.declared().map((each) => [each.name, each]))
    const model: Model = {
      value(name) {
        const known = sorts.get(name)
        return known && value(t.symbol(name, known.sort))
      },
      members: (name, kind) => [
        ...new Set(
          [...elements(kind)].flatMap((element) => (value(t.apply(name, [element], 'Bool')) === true ? [value(element) ?? ''] : [])),
        ),
      ],
    }
    const discharged = [...encoding.outsides()].flatMap(([symbol, name]) => (value(symbol) === true ? [name] : []))
    const [, environment] = chosen
    return { example: { request: exampleRequest(environment, model), discharged }, plain: exampleRequest(environment, blank) }
  }
}
