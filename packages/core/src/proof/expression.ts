import type { Expr, ExprNoExt } from '@cedar-policy/cedar-wasm/nodejs'
import { literalValue } from './literal-value.ts'
import { extension } from './extension.ts'
import { same } from './sameness.ts'
import { in64Bits } from './scalar.ts'
import { type Evaluated, type RecordOf, type SetOf, type Symbolic, nothing, unknown } from './symbolic.ts'
import type { Term } from './term.ts'
import type { World } from './world.ts'

/** The exact integer that a call stands for in Cedar's JSON form, which rounds integers beyond 2^53. */
export type StandIn = (name: string, argument: Expr | undefined) => bigint | undefined

/** What an expression of Cedar's JSON form comes to in a world: its value, and whether it can be evaluated at all. */
export function evaluated(world: World, expression: Expr, standIn: StandIn): Evaluated {
  const { encoding, sets } = world
  const { t, gap } = encoding
  const always = t.bool(true)
  const never = t.bool(false)
  const fails: Evaluated = { value: nothing, ok: never }
  return of(expression)

  function of(expr: Expr): Evaluated {
    const called = invocation(expr)
    return called ? call(called.name, called.args) : operator(expr as ExprNoExt)
  }

  function operator(expr: ExprNoExt): Evaluated {
    if ('Value' in expr) return { value: literalValue(world, expr.Value), ok: always }
    if ('Var' in expr) return { value: world[expr.Var], ok: always }
    if ('&&' in expr) return chain(expr['&&'], 'and')
    if ('||' in expr) return chain(expr['||'], 'or')
    if ('!' in expr) return on([expr['!'].arg], ([a]) => truth(a, (term) => t.not(term)))
    if ('neg' in expr) return negation(expr.neg.arg)
    if ('==' in expr) return pair(expr['=='], (a, b) => yes(same(encoding, sets, a, b)))
    if ('!=' in expr) return pair(expr['!='], (a, b) => yes(t.not(same(encoding, sets, a, b))))
    if ('<' in expr) return pair(expr['<'], (a, b) => ordered(a, b, t.below))
    if ('<=' in expr) return pair(expr['<='], (a, b) => ordered(a, b, t.atMost))
    if ('>' in expr) return pair(expr['>'], (a, b) => ordered(b, a, t.below))
    if ('>=' in expr) return pair(expr['>='], (a, b) => ordered(b, a, t.atMost))
    if ('+' in expr) return pair(expr['+'], (a, b) => whole(a, b, t.sum))
    if ('-' in expr) return pair(expr['-'], (a, b) => whole(a, b, t.difference))
    if ('*' in expr) return pair(expr['*'], (a, b) => whole(a, b, t.product))
    if ('in' in expr) return pair(expr.in, isIn)
    if ('contains' in expr) return pair(expr.contains, (set, value) => (set.kind === 'Set' ? yes(set.has(value)) : wrong(set)))
    if ('containsAll' in expr) return pair(expr.containsAll, (a, b) => ofSets(a, b, (x, y) => sets.within(y, x)))
    if ('containsAny' in expr) return pair(expr.containsAny, (a, b) => ofSets(a, b, sets.meet))
    if ('isEmpty' in expr) {
      return on([expr.isEmpty.arg], ([set = nothing]) => (set.kind === 'Set' ? yes(sets.within(set, noElements())) : wrong(set)))
    }
    if ('like' in expr) {
      const pattern = parts(expr.like.pattern)
      return on([expr.like.left], ([text = nothing]) => (text.kind === 'String' ? yes(t.like(text.term, pattern)) : wrong(text)))
    }
    if ('is' in expr) return is(expr.is)
    if ('if-then-else' in expr) return branch(expr['if-then-else'])
    if ('Set' in expr) return on(expr.Set, (items) => ({ value: sets.listed(items, (a, b) => same(encoding, sets, a, b)), ok: always }))
    if ('Record' in expr) return record(expr.Record)
    if ('.' in expr) return on([expr['.'].left], ([value = nothing]) => attribute(value, expr['.'].attr))
    if ('has' in expr) return on([expr.has.left], ([value = nothing]) => has(value, [expr.has.attr].flat()))
    if ('hasTag' in expr) return pair(expr.hasTag, (entity, name) => tag(entity, name, (found) => yes(t.bool(found !== undefined))))
    if ('getTag' in expr) {
      return pair(expr.getTag, (entity, name) => tag(entity, name, (found) => (found ? { value: found, ok: always } : fails)))
    }
    return anything(`\`${Object.keys(expr)[0]}\``)
  }

  /** Every argument is evaluated, and one that fails fails the whole. */
  function on(args: readonly Expr[], apply: (values: readonly Symbolic[]) => Evaluated): Evaluated {
    const found = args.map(of)
    const ready = t.and(...found.map(({ ok }) => ok))
    if (ready === never) return fails
    const { value, ok } = apply(found.map((each) => each.value))
    return { value, ok: t.and(ready, ok) }
  }

  function pair({ left, right }: { left: Expr; right: Expr }, apply: (a: Symbolic, b: Symbolic) => Evaluated): Evaluated {
    return on([left, right], ([a = nothing, b = nothing]) => apply(a, b))
  }

  function yes(term: Term): Evaluated {
    return { value: { kind: 'Boolean', term }, ok: always }
  }

  function anything(construct: string): Evaluated {
    return { value: unknown(construct), ok: gap(construct) }
  }

  /** An operand of a kind that the operation cannot take: Cedar fails. Of what is not encoded, nothing is known. */
  function wrong(...operands: readonly Symbolic[]): Evaluated {
    for (const each of operands) if (each.kind === 'Unknown') return anything(each.construct)
    return fails
  }

  function truth(value: Symbolic | undefined, of: (term: Term) => Term): Evaluated {
    if (value?.kind === 'Boolean') return yes(of(value.term))
    return value?.kind === 'Unknown' ? { ...yes(gap(value.construct)), ok: gap(value.construct) } : fails
  }

  /** `&&` and `||` look at the right side only when the left has not decided. */
  function chain({ left, right }: { left: Expr; right: Expr }, how: 'and' | 'or'): Evaluated {
    const first = boolean(of(left))
    const open = how === 'and' ? first.term : t.not(first.term)
    if (first.ok === never) return fails
    if (open === never) return { value: { kind: 'Boolean', term: first.term }, ok: first.ok }
    const second = boolean(of(right))
    return { value: { kind: 'Boolean', term: t[how](first.term, second.term) }, ok: t.and(first.ok, t.or(t.not(open), second.ok)) }
  }

  function boolean({ value, ok }: Evaluated): { readonly term: Term; readonly ok: Term } {
    if (ok === never) return { term: never, ok }
    const read = truth(value, (term) => term)
    return { term: read.value.kind === 'Boolean' ? read.value.term : never, ok: t.and(ok, read.ok) }
  }

  function branch(expr: { if: Expr; then: Expr; else: Expr }): Evaluated {
    const test = boolean(of(expr.if))
    if (test.ok === never) return fails
    if (test.term.literal !== undefined) {
      const { value, ok } = of(test.term.literal ? expr.then : expr.else)
      return { value, ok: t.and(test.ok, ok) }
    }
    const [a, b] = [of(expr.then), of(expr.else)]
    const value = a.ok === never ? b.value : b.ok === never ? a.value : either(test.term, a.value, b.value)
    return { value, ok: t.and(test.ok, t.ite(test.term, a.ok, b.ok)) }
  }

  function either(test: Term, a: Symbolic, b: Symbolic): Symbolic {
    if ('term' in a && 'term' in b && a.kind === b.kind) return { kind: a.kind, term: t.ite(test, a.term, b.term) }
    if (a.kind === 'Address' && b.kind === 'Address') {
      return { kind: 'Address', v6: t.ite(test, a.v6, b.v6), bits: t.ite(test, a.bits, b.bits), prefix: t.ite(test, a.prefix, b.prefix) }
    }
    if (a.kind === 'Entity' && b.kind === 'Entity' && a.type === b.type) return { ...a, id: t.ite(test, a.id, b.id) }
    if (a.kind === 'Set' && b.kind === 'Set') return sets.either(test, a, b)
    if (a.kind === 'Record' && b.kind === 'Record') return eitherRecord(test, a, b)
    return a.kind === 'Unknown' ? a : b.kind === 'Unknown' ? b : unknown(`\`if\` between a ${a.kind} and a ${b.kind}`)
  }

  function eitherRecord(test: Term, a: RecordOf, b: RecordOf): Symbolic {
    const names = new Set([...a.fields.keys(), ...b.fields.keys()])
    const fields = [...names].map((name) => {
      const [left, right] = [a.fields.get(name), b.fields.get(name)]
      const present = t.ite(test, left?.present ?? never, right?.present ?? never)
      const value = () => (left && right ? either(test, left.value(), right.value()) : ((left ?? right)?.value() ?? nothing))
      return [name, { present, value }] as const
    })
    return { kind: 'Record', fields: new Map(fields) }
  }

  function ordered(a: Symbolic, b: Symbolic, compare: (x: Term, y: Term) => Term): Evaluated {
    const comparable = a.kind === 'Long' || a.kind === 'Datetime' || a.kind === 'Duration'
    return comparable && 'term' in b && a.kind === b.kind ? yes(compare(a.term, b.term)) : wrong(a, b)
  }

  /** Sums, differences and products of Longs. What leaves 64 bits is an error. */
  function whole(a: Symbolic, b: Symbolic, apply: (x: Term, y: Term) => Term): Evaluated {
    if (a.kind !== 'Long' || b.kind !== 'Long') return wrong(a, b)
    const term = apply(a.term, b.term)
    return { value: { kind: 'Long', term }, ok: in64Bits(encoding, term) }
  }

  function negation(arg: Expr): Evaluated {
    const called = invocation(arg)
    const integer = called && standIn(called.name, called.args[0])
    if (integer !== undefined) return long(-integer)
    return on([arg], ([a = nothing]) => whole({ kind: 'Long', term: t.int(0) }, a, t.difference))
  }

  function call(name: string, args: readonly Expr[]): Evaluated {
    const integer = standIn(name, args[0])
    return integer === undefined ? on(args, (values) => extension(encoding, name, values)) : long(integer)
  }

  function long(value: bigint): Evaluated {
    const term = t.int(value)
    return { value: { kind: 'Long', term }, ok: in64Bits(encoding, term) }
  }

  function ofSets(a: Symbolic, b: Symbolic, compare: (x: SetOf, y: SetOf) => Term): Evaluated {
    return a.kind === 'Set' && b.kind === 'Set' ? yes(compare(a, b)) : wrong(a, b)
  }

  function noElements(): SetOf {
    return sets.listed([], () => never)
  }

  function isIn(entity: Symbolic, above: Symbolic): Evaluated {
    if (entity.kind !== 'Entity') return wrong(entity)
    if (above.kind === 'Entity') return yes(world.isIn(entity, above))
    if (above.kind !== 'Set') return wrong(above)
    if (!above.items) {
      return anything('`in` a set that is not written out')
    }
    const entities = above.items.flatMap((item) => (item.kind === 'Entity' ? [item] : []))
    if (entities.length < above.items.length) return wrong(...above.items)
    return yes(t.or(...entities.map((each) => world.isIn(entity, each))))
  }

  function is({ left, entity_type: type, in: above }: { left: Expr; entity_type: string; in?: Expr }): Evaluated {
    const typed = on([left], ([entity = nothing]) => (entity.kind === 'Entity' ? yes(t.bool(entity.type === type)) : wrong(entity)))
    if (!above || typed.ok === never) return typed
    const first = boolean(typed)
    if (first.term === never) return typed
    const second = boolean(pair({ left, right: above }, isIn))
    return { value: { kind: 'Boolean', term: t.and(first.term, second.term) }, ok: t.and(first.ok, t.or(t.not(first.term), second.ok)) }
  }

  function record(members: { readonly [name: string]: Expr }): Evaluated {
    const names = Object.keys(members)
    return on(Object.values(members), (values) => {
      const fields = names.map((name, index) => [name, { present: always, value: () => values[index] ?? nothing }] as const)
      return { value: { kind: 'Record', fields: new Map(fields) }, ok: always }
    })
  }

  /** The members of a record, or of an entity that is among the facts. */
  function fields(value: Symbolic): RecordOf['fields'] | undefined {
    if (value.kind === 'Record') return value.fields
    return value.kind === 'Entity' ? (world.entity(value)?.attributes.fields ?? new Map()) : undefined
  }

  function attribute(value: Symbolic, name: string): Evaluated {
    const members = fields(value)
    if (!members) return wrong(value)
    const field = members.get(name)
    return field && field.present !== never ? { value: field.value(), ok: field.present } : fails
  }

  /** `a has b.c` asks for each in turn, and stops at the first that is missing. */
  function has(value: Symbolic, [name = '', ...rest]: readonly string[]): Evaluated {
    const members = fields(value)
    if (!members) return wrong(value)
    const field = members.get(name)
    if (!field || field.present === never || rest.length === 0) return yes(field?.present ?? never)
    const further = boolean(has(field.value(), rest))
    return { value: { kind: 'Boolean', term: t.and(field.present, further.term) }, ok: t.or(t.not(field.present), further.ok) }
  }

  function tag(entity: Symbolic, name: Symbolic, answer: (found: Symbolic | undefined) => Evaluated): Evaluated {
    if (entity.kind !== 'Entity' || name.kind !== 'String') return wrong(entity, name)
    const tags = world.entity(entity)?.tags
    if (tags && typeof name.term.literal !== 'string') return anything('a tag whose name is not written out')
    return answer(tags?.get(String(name.term.literal)))
  }
}

/** A function call is the one form whose content is a list, besides a written-out set. */
function invocation(expr: Expr): { readonly name: string; readonly args: readonly Expr[] } | undefined {
  const [name, args]: [string?, unknown?] = Object.entries(expr)[0] ?? []
  return name === undefined || name === 'Set' || !Array.isArray(args) ? undefined : { name, args }
}

function parts(pattern: readonly ('Wildcard' | { readonly Literal: string })[]): readonly string[] {
  const found = ['']
  for (const each of pattern) {
    if (each === 'Wildcard') found.push('')
    else found[found.length - 1] += each.Literal
  }
  return found
}
