import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import { encoding as newEncoding } from './encoding.ts'
import { type Environment, environments } from './environment.ts'
import { type Example, example, type Model } from './example.ts'
import { type Meaning, meaning } from './meaning.ts'
import { type ModelValue, modelValues } from './model.ts'
import { relevant } from './relevant.ts'
import { sets as newSets } from './sets.ts'
import { smtScript } from './smt-text.ts'

import type { PolicySyntax } from './syntax.ts'
import type { Term } from './term.ts'
import { type World, world } from './world.ts'

/** Policies in one world. */
export interface Place {
  readonly world: World
  readonly environment: Environment
  readonly meaning: (policy: PolicySyntax) => Meaning
}

/** Whether there is a call of which a claim is true. */
export interface Query {
  /** SMT-LIB 2.6, ending in `(check-sat)`. */
  readonly script: string
  /** The terms whose values the solver is to give when it answers `sat`. */
  readonly terms: readonly string[]
  /** Reads the call from the solver's answer to `(get-value (terms))`. */
  readonly decode: (answer: string) => Example
  /** Constructs that are not encoded and that the claim depends on, by policy and name. */
  readonly unsupported: readonly string[]
}

/** Asks questions about all calls that a schema allows. Policies that several questions speak of are encoded once. */
export interface Inquiry {
  readonly places: readonly Place[]
  /** `undefined` when the claim is false of every call already as it is encoded. */
  readonly query: (claim: (place: Place) => Term) => Query | undefined
}

export function inquiry(schema: SchemaJson<string>): Inquiry {
  const encoding = newEncoding()
  const sets = newSets(encoding)
  const { t } = encoding
  const places = environments(schema).map((environment): Place => {
    const here = world(encoding, sets, environment)
    const known = new Map<PolicySyntax, Meaning>()
    return {
      world: here,
      environment,
      meaning(policy) {
        const found = known.get(policy) ?? meaning(here, policy)
        known.set(policy, found)
        return found
      },
    }
  })
  return { places, query }

  function query(claim: (place: Place) => Term): Query | undefined {
    // Tools that policies do not tell apart make the same claim, and one of them stands for all.
    const claims = new Map<Term, Environment>()
    for (const place of places) {
      const term = t.and(place.world.possible, claim(place))
      if (term.literal !== false && !claims.has(term)) claims.set(term, place.environment)
    }
    if (claims.size === 0) return undefined
    const root = t.or(...claims.keys())
    const { asserted, used, elements, gaps } = relevant(encoding, sets, [root])
    const declared = t.declared().filter(({ name }) => used.has(name))

    const asked: { readonly name: string; readonly term: Term }[] = []
    const naming = (prefix: string, term: Term) => {
      const name = `${prefix}${asked.length}`
      asked.push({ name, term })
      return name
    }
    const verdicts = [...claims].map(([term, environment]) => ({ name: naming('claim', term), environment }))
    const values = new Map<string, string>()
    const members = new Map<string, { readonly element: string; readonly has: string }[]>()
    for (const { name, takes, sort } of declared) {
      if (takes.length === 0) {
        values.set(name, naming('value', t.symbol(name, sort)))
        continue
      }
      const kind = sets.elementOf(name)
      if (kind === undefined) continue
      const found = [...elements(kind)].map((element) => ({
        element: naming('element', element),
        has: naming('has', t.apply(name, [element], 'Bool')),
      }))
      members.set(name, found)
    }
    const script = smtScript(declared, [...asserted, root], asked)
    return { script, terms: asked.map(({ name }) => name), decode, unsupported: gaps }

    function decode(answer: string): Example {
      const found = new Map<string, ModelValue>()
      for (const [at, value] of modelValues(answer).entries()) found.set(asked[at]?.name ?? '', value)
      const model: Model = {
        value: (name) => found.get(values.get(name) ?? ''),
        members: (name) => [
          ...new Set((members.get(name) ?? []).flatMap(({ element, has }) => (found.get(has) === true ? [found.get(element) ?? ''] : []))),
        ],
      }
      const chosen = verdicts.find(({ name }) => found.get(name) === true)
      if (!chosen) throw new TypeError('The solver answered a model of which no claim is true.')
      const discharged = [...encoding.outsides()].flatMap(([symbol, name]) => (model.value(symbol.text ?? '') === true ? [name] : []))
      return { ...example(chosen.environment, model), discharged }
    }
  }
}

