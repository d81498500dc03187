import type { Expr, ExprNoExt } from '@cedar-policy/cedar-wasm/nodejs'
import { extensions } from './extension.ts'
import { EvaluationFailure, fail } from './failure.ts'
import { long } from './long.ts'
import { arithmetic, atMost, below, contains, getTag, hasAttribute, hasTag, isIn, negate, overlaps, readAttribute } from './operators.ts'
import { matcher } from './pattern.ts'
import { readValue, type Request } from './request.ts'
import { EntityRef, RecordValue, SetValue, same, type Value } from './value.ts'

/** Evaluates an expression. Throws an `EvaluationFailure` where Cedar's evaluation errs. */
export type Run = (request: Request) => Value

/** The integer that a function call stands for, where Cedar's JSON form would have rounded it (`exact-integers.ts`). */
export type StandIn = (functionName: string, argument: Expr | undefined) => bigint | undefined

/** A compiled expression; `constant` where it has one value for every request. */
interface Node {
  readonly run: Run
  readonly constant?: Value
}

/** Compiles an expression of Cedar's JSON form into closures. Throws a `TypeError` for a form it does not know. */
export function compileExpression(expression: Expr, standIn: StandIn): Run {
  return node(expression).run

  function node(expr: Expr): Node {
    const called = invocation(expr)
    return called ? call(called.name, called.args) : operator(expr as ExprNoExt)
  }

  function call(name: string, args: readonly Expr[]): Node {
    const integer = standIn(name, args[0])
    if (integer !== undefined) return integer > 2n ** 63n - 1n ? tooLarge : constant(long(integer))
    const extension = extensions.get(name)
    const nodes = args.map(node)
    const [self, argument] = nodes
    if (self && nodes.length === 1 && extension?.takes === 1) return unary(self, extension.apply)
    if (self && argument && nodes.length === 2 && extension?.takes === 2) return binary(self, argument, extension.apply)
    return { run: () => fail('type-error') }
  }

  function operator(expr: ExprNoExt): Node {
    if ('Value' in expr) return constant(readValue(expr.Value))
    if ('Var' in expr) return variable(expr.Var)
    if ('&&' in expr) return and(node(expr['&&'].left), node(expr['&&'].right))
    if ('||' in expr) return or(node(expr['||'].left), node(expr['||'].right))
    if ('!' in expr) return unary(node(expr['!'].arg), (value) => !boolean(value))
    if ('==' in expr) return pair(expr['=='], same)
    if ('!=' in expr) return pair(expr['!='], (a, b) => !same(a, b))
    if ('<' in expr) return pair(expr['<'], below)
    if ('<=' in expr) return pair(expr['<='], atMost)
    if ('>' in expr) return pair(expr['>'], (a, b) => below(b, a))
    if ('>=' in expr) return pair(expr['>='], (a, b) => atMost(b, a))
    if ('+' in expr) return pair(expr['+'], arithmetic['+'])
    if ('-' in expr) return pair(expr['-'], arithmetic['-'])
    if ('*' in expr) return pair(expr['*'], arithmetic['*'])
    if ('neg' in expr) return negation(expr.neg.arg)
    if ('in' in expr) return member(node(expr.in.left), node(expr.in.right))
    if ('contains' in expr) return pair(expr.contains, contains)
    if ('containsAll' in expr) return pair(expr.containsAll, (set, all) => overlaps(set, all, 'every'))
    if ('containsAny' in expr) return pair(expr.containsAny, (set, any) => overlaps(set, any, 'some'))
    if ('isEmpty' in expr)
      return unary(node(expr.isEmpty.arg), (set) => (set instanceof SetValue ? set.items.length === 0 : fail('type-error')))
    if ('like' in expr) return like(node(expr.like.left), matcher(expr.like.pattern))
    if ('is' in expr) return is(expr.is)
    if ('if-then-else' in expr) return branch(expr['if-then-else'])
    if ('Set' in expr) return several(expr.Set.map(node), (values) => new SetValue(values))
    if ('Record' in expr) return record(expr.Record)
    if ('.' in expr) return attribute(node(expr['.'].left), expr['.'].attr)
    if ('has' in expr) return has(node(expr.has.left), expr.has.attr)
    if ('getTag' in expr) return asking(expr.getTag, getTag)
    if ('hasTag' in expr) return asking(expr.hasTag, hasTag)
    throw new TypeError(`\`${Object.keys(expr)[0]}\` is no operator of Cedar that is known here.`)
  }

  function pair({ left, right }: { left: Expr; right: Expr }, apply: (a: Value, b: Value) => Value): Node {
    return binary(node(left), node(right), apply)
  }

  function asking({ left, right }: { left: Expr; right: Expr }, ask: (a: Value, b: Value, request: Request) => Value): Node {
    const [a, b] = [node(left).run, node(right).run]
    return { run: (request) => ask(a(request), b(request), request) }
  }

  /** The one integer whose literal is too large until it is negated. */
  function negation(arg: Expr): Node {
    const called = invocation(arg)
    const integer = called && standIn(called.name, called.args[0])
    return integer === undefined ? unary(node(arg), negate) : constant(long(-integer))
  }

  function is({ left, entity_type: type, in: above }: { left: Expr; entity_type: string; in?: Expr }): Node {
    const typed = unary(node(left), (value) => (value instanceof EntityRef ? value.type === type : fail('type-error')))
    return above ? and(typed, member(node(left), node(above))) : typed
  }

  function branch(expr: { if: Expr; then: Expr; else: Expr }): Node {
    const [test, yes, no] = [node(expr.if).run, node(expr.then).run, node(expr.else).run]
    return { run: (request) => (boolean(test(request)) ? yes(request) : no(request)) }
  }

  function record(members: { readonly [name: string]: Expr }): Node {
    const names = Object.keys(members)
    const nodes = names.map((name) => node(members[name] as Expr))
    return several(nodes, (values) => new RecordValue(new Map(names.map((name, index) => [name, values[index] as Value]))))
  }
}

/** The extension function that an expression calls, if it does. */
function invocation(expr: Expr): { readonly name: string; readonly args: readonly Expr[] } | undefined {
  const names = Object.keys(expr)
  const [name = ''] = names
  if (names.length !== 1) throw new TypeError('An expression has not exactly one operator.')
  return extensions.has(name) ? { name, args: (expr as { readonly [name: string]: readonly Expr[] })[name] ?? [] } : undefined
}

function constant(value: Value): Node {
  return { run: () => value, constant: value }
}

const tooLarge: Node = { run: () => fail('overflow') }

/** Computes once what depends on constants only. Where that fails, it fails at each evaluation, and only if it is reached. */
function folded(compute: () => Value): Node {
  try {
    return constant(compute())
  } catch (error) {
    if (!(error instanceof EvaluationFailure)) throw error
    return { run: () => fail(error.code) }
  }
}

function unary({ run, constant: known }: Node, apply: (value: Value) => Value): Node {
  return known === undefined ? { run: (request) => apply(run(request)) } : folded(() => apply(known))
}

function binary(left: Node, right: Node, apply: (a: Value, b: Value) => Value): Node {
  const { run: a, constant: one } = left
  const { run: b, constant: two } = right
  if (one !== undefined && two !== undefined) return folded(() => apply(one, two))
  if (two !== undefined) return { run: (request) => apply(a(request), two) }
  return { run: (request) => apply(a(request), b(request)) }
}

function several(nodes: readonly Node[], build: (values: readonly Value[]) => Value): Node {
  const known = nodes.flatMap((each) => (each.constant === undefined ? [] : [each.constant]))
  if (known.length === nodes.length) return folded(() => build(known))
  const runs = nodes.map(({ run }) => run)
  return { run: (request) => build(runs.map((run) => run(request))) }
}

function variable(name: 'principal' | 'action' | 'resource' | 'context'): Node {
  switch (name) {
    case 'principal':
      return { run: (request) => request.principal }
    case 'action':
      return { run: (request) => request.action }
    case 'resource':
      return { run: (request) => request.resource }
    case 'context':
      return { run: (request) => request.context }
  }
}

function boolean(value: Value): boolean {
  return typeof value === 'boolean' ? value : fail('type-error')
}

function and({ run: a }: Node, { run: b }: Node): Node {
  return { run: (request) => boolean(a(request)) && boolean(b(request)) }
}

function or({ run: a }: Node, { run: b }: Node): Node {
  return { run: (request) => boolean(a(request)) || boolean(b(request)) }
}

function like({ run }: Node, matches: (text: string) => boolean): Node {
  return {
    run: (request) => {
      const text = run(request)
      return typeof text === 'string' ? matches(text) : fail('type-error')
    },
  }
}

function member({ run: entity }: Node, { run: above }: Node): Node {
  return { run: (request) => isIn(entity(request), above(request), request) }
}

function attribute({ run }: Node, name: string): Node {
  return { run: (request) => readAttribute(run(request), name, request) }
}

/** `a has b.c` asks for each in turn, and stops at the first that is missing. */
function has({ run }: Node, path: string | readonly string[]): Node {
  const names = typeof path === 'string' ? [path] : path
  return {
    run: (request) => {
      let value = run(request)
      for (const [index, name] of names.entries()) {
        if (index > 0) value = readAttribute(value, names[index - 1] ?? '', request)
        if (!hasAttribute(value, name, request)) return false
      }
      return true
    },
  }
}
