import type { ArgumentKind, Boundary, Effect, JsonObject, OutputLabel, RegisteredTool, ToolDeclaration, Validate } from '@agentgate/core'
import { isObject } from '@agentgate/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { microDollars } from './money.ts'
import type { Streams } from './streamed.ts'
import { unknownKeys } from './unknown-keys.ts'

export interface ToolExtra {
  readonly signal: AbortSignal
  /** What the tool's `idempotencyKey` says of the call: hand it to whoever does the work. */
  readonly idempotencyKey?: string
}

/** What a tool says of itself. `input` is any Standard Schema: zod, valibot, arktype. */
export interface Tool<Schema extends StandardSchemaV1 = StandardSchemaV1, Output = unknown> {
  readonly name: string
  readonly description?: string
  readonly input: Schema
  /** Returns what JSON carries as it is, which is what the caller gets: dates as texts, no maps, sets or big integers. */
  readonly execute: (input: StandardSchemaV1.InferOutput<Schema>, extra: ToolExtra) => Output | Promise<Output>
  /**
   * Undoes what `execute` did, for a transaction that failed. A governed call of its own, named `compensate.<name>`, with the
   * input that the tool was called with; `output` is what the tool returned.
   */
  readonly compensation?: (input: StandardSchemaV1.InferOutput<Schema>, output: NoInfer<Output>, extra: ToolExtra) => unknown
  /**
   * Names what a call does, the same for the same: for a tool, and a compensation, that do nothing the second time under one key.
   * A compensation that nobody knows the end of is then run again.
   */
  readonly idempotencyKey?: (input: StandardSchemaV1.InferOutput<Schema>) => string
  /** How it streams, for `agent.stream`. */
  readonly streams?: Streams
  /** What it does to the world; by default `execute`. */
  readonly effect?: Effect
  /** The Cedar action; by default the tool's name. */
  readonly action?: string
  /** What it touches; by default a string argument `resource`, else `tool:<name>`. */
  readonly resource?: (input: StandardSchemaV1.InferOutput<Schema>) => string
  readonly arguments?: { readonly [name: string]: ArgumentKind }
  /** `external` gets tokens, `trusted` the restored values. By default `external` where the agent has a `piiVault`, else `trusted`. */
  readonly boundary?: Boundary
  /** US dollars a call. */
  readonly cost?: number
  /** Held for a person, whatever the policies say. */
  readonly approval?: boolean
  /** What it returns, tokens in place of values: a result that does not fit is a failed call, `output-invalid`. Not for streams. */
  readonly output?: StandardSchemaV1
  /**
   * Taints the session that reads its output. By default `untrusted`, as of mail, the web or documents of others: say `none` where only the house
   * writes what it returns, and `user` where its people do.
   */
  readonly outputLabel?: OutputLabel
  /**
   * Its session begins anew once it has succeeded, as if nothing untrusted had entered: for a tool by which a person looks at what the agent read. An
   * agent that somebody injected may call it, too: say `approval: true` unless the tool asks a person itself.
   */
  readonly declassifies?: boolean
}

const names = /^[A-Za-z_][\w.-]{0,127}$/

/** What the names of compensations begin with: no tool is called so. */
export const compensating = 'compensate.'

/** The tool that undoes another: it takes the same input, under a name that policies can tell apart. */
export function compensationTool({
  name,
  compensation: _,
  approval: __,
  cost: ___,
  action: ____,
  streams: _____,
  declassifies: ______,
  ...tool
}: Tool): Tool {
  const execute = () => Promise.reject(new TypeError(`\`${compensating}${name}\` runs when a transaction fails, and not when it is called`))
  return { ...tool, name: compensating + name, description: `Undoes \`${name}\`.`, execute }
}

/** The declaration that is registered and digested. Throws a `TypeError` for a name that no model could call. */
export function declare(tool: Tool, boundary: Boundary): ToolDeclaration {
  if (!names.test(tool.name))
    throw new TypeError(`\`${tool.name}\` is not a tool name: letters, digits, \`_\`, \`-\` and \`.\`, at most 128`)
  return {
    name: tool.name,
    input: jsonSchema(tool.input),
    effect: tool.effect ?? 'execute',
    boundary: tool.boundary ?? boundary,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.action !== undefined && { action: tool.action }),
    ...(tool.arguments && { arguments: tool.arguments }),
    ...(tool.cost !== undefined && { cost: microDollars(tool.cost, 'cost') }),
    ...(tool.approval !== undefined && { approval: tool.approval }),
    ...(tool.outputLabel !== undefined && { outputLabel: tool.outputLabel }),
    ...(tool.declassifies !== undefined && { declassifies: tool.declassifies }),
  }
}

interface JsonSchemaOptions {
  readonly target: 'draft-2020-12'
  readonly libraryOptions?: { readonly [name: string]: unknown }
}

type Says = (options: JsonSchemaOptions) => unknown

/** The schema as JSON Schema where its library can say it (Standard JSON Schema), else any object. */
function jsonSchema(schema: StandardSchemaV1): JsonObject {
  const said = saysOf(schema)?.input({ target: 'draft-2020-12' })
  return isObject(said) ? said : { type: 'object', additionalProperties: true }
}

/** The declaration by what the schema makes of the input, where that is of other types: what is judged, and executed. */
export function declareParsed(tool: Tool, boundary: Boundary): ToolDeclaration {
  const declared = declare(tool, boundary)
  const { properties: asked, required = [] } = declared.input
  // What zod knows no type of is of any.
  const made = saysOf(tool.input)?.output({ target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } })
  if (!isObject(made) || JSON.stringify(made['properties']) === JSON.stringify(asked)) return declared
  return { ...declared, input: { ...made, required } }
}

function saysOf(schema: StandardSchemaV1): { readonly input: Says; readonly output: Says } | undefined {
  const standard: StandardSchemaV1.Props & { readonly jsonSchema?: { readonly input: Says; readonly output: Says } } = schema['~standard']
  return standard.jsonSchema
}

/** Reads input by the tool's own Standard Schema. Keys that the schema drops were unknown: refused, never ignored. */
export function validateBy(tools: ReadonlyMap<string, Tool>): Validate {
  return async ({ declaration }: RegisteredTool, input, parsed) => {
    const tool = tools.get(declaration.name)
    if (!tool) return { issues: ['the tool is not of this agent'] }
    const read = parsed && isObject(input) ? { value: input } : await readInput(tool, input)
    if ('issues' in read) return read
    return { input: read.value, ...(tool.resource && { resource: tool.resource(read.value) }) }
  }
}

/** What the tool's own schema makes of an input, or what is wrong with it. */
export async function readInput({ input: schema }: Tool, input: unknown): Promise<{ value: JsonObject } | { issues: readonly string[] }> {
  const result = await schema['~standard'].validate(input)
  if (result.issues) return { issues: result.issues.map(({ path, message }) => `${pathOf(path)}: ${message}`) }
  const { value } = result
  if (!isObject(value)) return { issues: ['the schema gives no object'] }
  const unknown = unknownKeys(input, value, () => jsonSchema(schema))
  return unknown > 0 ? { issues: [`${unknown} of its keys are not in the schema`] } : { value }
}

/** Throws what is wrong with what a tool returned, by the schema that it declares for it. It ran all the same. */
export async function checkOutput({ output: schema }: Tool, returned: unknown): Promise<void> {
  const issues = (await schema?.['~standard'].validate(returned))?.issues ?? []
  const said = issues.slice(0, 5).map(({ path, message }) => `${pathOf(path)}: ${message}`)
  if (said.length > 0) throw new TypeError(`output-invalid: it ran, and what it returned does not fit its \`output\`: ${said.join('; ')}`)
}

function pathOf(path: StandardSchemaV1.Issue['path']): string {
  const parts = (path ?? []).map((part) => (typeof part === 'object' ? part.key : part))
  return `\`${parts.map((part) => (typeof part === 'number' || /^[A-Za-z_]\w{0,40}$/.test(String(part)) ? String(part) : '*')).join('.')}\``
}
