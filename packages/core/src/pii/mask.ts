import type { Call, MaskedCall, ToolFacts } from '../call.ts'
import type { Mask } from '../control.ts'
import { freeze, isObject, type Json, type JsonObject } from '../json.ts'
import type { CustomRecognizer } from './custom.ts'
import { counted } from './custody.ts'
import { createDraft, type Draft, drafted } from './draft.ts'
import { createFindEdits } from './edits.ts'
import { inputKind, maskedKinds, tokenKinds } from './kinds.ts'
import { keepAll } from './keep-all.ts'
import type { Owner } from './owner.ts'
import { restoreJson, type UnknownTokens } from './restore.ts'
import { type NameModel, namedIn } from './name-model.ts'
import { type Said, saidIn } from './said-again.ts'
import { readTokens, type Token } from './token.ts'
import { inTurns } from './turns.ts'
import type { Vault } from './vault.ts'

export interface PiiOptions {
  readonly vault: Vault
  /** Whose values those of a call are; `ownerOf` unless told. */
  readonly owner?: (call: Pick<Call, 'tenant' | 'principal' | 'session'>) => Owner
  /** The kinds to mask; `maskedKinds` unless told. */
  readonly kinds?: readonly string[]
  /** What to find besides. A `TypeError` says what is wrong with one. What they find is masked unless `kinds` leaves it out. */
  readonly recognizers?: readonly CustomRecognizer[]
  /** Kinds of recognizers that are gone: nothing finds them any more, and their tokens are still tokens. */
  readonly retired?: readonly string[]
  /** Names people besides the lists, for what a call says and gets, but for streams. Calls whose texts it cannot judge are denied. */
  readonly nameModel?: NameModel
  /** What is found with less confidence stays; 0.5 unless told. */
  readonly minScore?: number
  /** What restoring does about tokens without a value; `fail_closed` unless told. */
  readonly unknownToken?: UnknownTokens
  /** Told the kinds of the values that what came of a call is restored with, before it is: when it rejects, nothing is. */
  readonly telling?: (call: MaskedCall, kinds: readonly string[]) => Promise<void>
  /** Which tools speak for the session, as a model does; see `pii`. Unless told, external ones whose effect is `execute`. */
  readonly speaks?: (tool: ToolFacts) => boolean
}

/** Facts about the asking that policies need as they are, and that no caller chooses. */
const unmasked = new Set(['source_ip', 'session', 'now'])

/** Milliseconds that a model has for what came of a call. */
const modelPatience = 30_000

/** How many values of its input are looked for in what came of a call. */
const mostRecalled = 1_000

const speaksByDefault = ({ boundary, effect }: ToolFacts) => boundary === 'external' && effect === 'execute'

/** Whether an argument is a path or an address of the web, whose parts may look like names. */
function isAddress(tool: ToolFacts, argument: string): boolean {
  const kind = Object.hasOwn(tool.arguments, argument) ? tool.arguments[argument] : undefined
  return kind === 'path' || kind === 'url'
}

/**
 * Masks by patterns, and names by the name layer. What it keeps belongs to the call's tenant and session, and to the person the
 * agent acts for, or else to the agent itself.
 *
 * **What a token in a text means depends on where the text comes from.** The raw side and the masked side never mix:
 * - In a call's input everything is raw: a token there was typed, or copied from somewhere, and becomes a `LITERAL` that comes
 *   back as it was typed. So nobody can name a value by guessing its token.
 * - In a tool's output a token is genuine only where that same call, to a sink that is not trusted, told it: a sink may say back
 *   what it was told. A trusted sink was told values and no tokens. Any other token is a `LITERAL`: a page that says `<SSN_1>`
 *   reads `<LITERAL_1>` to the model that is told to repeat it, and `<SSN_1>` to the person, and never the number to anyone.
 * - A model speaks for the whole session, whose earlier turns it may keep at its provider: in its output every token stands, and
 *   restoring answers for those that the session does not know. What it says is restored for the session's owner alone, and is
 *   masked again as the input of the next call. (An owner's view must not fetch addresses that a model wrote: a token in one
 *   would be restored into it.)
 */
export function pii(options: PiiOptions): Mask {
  const { vault, owner = ownerOf, unknownToken = 'fail_closed', speaks = speaksByDefault, nameModel, telling } = options
  const own = (options.recognizers ?? []).map(({ kind }) => kind)
  const kinds = tokenKinds([...(options.kinds ?? []), ...own, ...(options.retired ?? [])])
  const find = createFindEdits({
    tokenKinds: kinds,
    ...(options.recognizers && { recognizers: options.recognizers }),
    ...(options.kinds && { kinds: options.kinds }),
    ...(options.minScore !== undefined && { minScore: options.minScore }),
  })

  return {
    name: 'pii',
    kinds: new Set(options.kinds ?? [...maskedKinds, ...own]),

    async mask(call, { signal }) {
      const address = (name: string) => isAddress(call.tool, name)
      const named = nameModel && (await namedIn(nameModel, call.input, address, signal))
      const judged = Object.fromEntries(Object.entries(call.context).filter(([name]) => !unmasked.has(name)))
      const [{ input, resource, context }, draft] = await drafted(
        (said) => createDraft(find, undefined, named, said),
        async (each) => ({
          input: await inTurns(each.value(call.input, address), signal),
          resource: await inTurns(each.again(call.resource), signal),
          context: await inTurns(
            each.value(judged, () => true),
            signal,
          ),
        }),
        signal,
      )
      const tokens = await keepAll(vault, owner(call), draft.edits)
      const masked: Call = {
        ...call,
        input: asObject(input(tokens)),
        resource: String(resource(tokens)),
        context: { ...call.context, ...asObject(context(tokens)) },
      }
      const held = counted(draft.found.map(({ kind }) => kind))
      return { verdict: 'pass', facts: factsOf(draft), held, call: masked as MaskedCall }
    },

    async output<T extends Json>(output: T, call: MaskedCall) {
      const input = tokensIn(call.input, kinds)
      const told = new Set(call.tool.boundary === 'trusted' ? [] : input)
      const before = await toldBefore(owner(call), input)
      const passes = speaks(call.tool) ? () => true : ({ token }: Token) => told.has(token)
      const named = nameModel && (await namedIn(nameModel, output, () => false, AbortSignal.timeout(modelPatience)))
      const [masked, draft] = await drafted(
        (said = before) => createDraft(find, passes, named, new Map([...before, ...said])),
        async (each) => inTurns(each.value(output)),
      )
      return masked(await keepAll(vault, owner(call), draft.edits)) as T
    },

    async restore<T extends Json>(masked: T, call: MaskedCall) {
      const tell = telling && (async (kinds: readonly string[]) => telling(call, kinds))
      return (await restoreJson(masked, owner(call), { vault, tokenKinds: kinds, unknownToken, ...(tell && { telling: tell }) })) as T
    },

    async keepInput(call) {
      const [kept] = await vault.keep(owner(call), [{ kind: inputKind, value: JSON.stringify(call.input) }])
      if (!kept) throw new TypeError('The vault kept no input: it answered without a token.')
      return kept
    },

    async recallInput(call, kept) {
      if (!kept.startsWith(`<${inputKind}_`)) return undefined
      const [value] = await vault.recall(owner(call), [kept])
      return value === undefined ? undefined : asObject(freeze(JSON.parse(value)))
    },

    async restoreInput(call) {
      const restored = await restoreJson(call.input, owner(call), { vault, tokenKinds: kinds, unknownToken: 'fail_closed' })
      return asObject(freeze(restored))
    },
  }

  /** The values of a call's input: what comes of it may name them where nothing around gives them away. */
  async function toldBefore(of: Owner, tokens: readonly string[]): Promise<Said> {
    const asked = [...new Set(tokens)].slice(0, mostRecalled)
    if (asked.length === 0) return new Map()
    const values = await vault.recall(of, asked)
    return saidIn(asked.map((token, at) => ({ kind: token.slice(1, token.lastIndexOf('_')), value: values[at] ?? '' })))
  }
}

/** Whose the call's pairs are: the person's it is made for, or the agent's own. */
export function ownerOf({ tenant, principal, session }: Pick<Call, 'tenant' | 'principal' | 'session'>): Owner {
  return { tenant, principal: principal.onBehalfOf ?? principal.id, session }
}

function asObject(value: Json): JsonObject {
  if (!isObject(value)) throw new TypeError('An object was masked and is none any more.')
  return value
}

function tokensIn(value: Json, kinds: ReadonlySet<string>): readonly string[] {
  if (typeof value === 'string') return readTokens(value, kinds).map(({ token }) => token)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => [...readTokens(key, kinds).map(({ token }) => token), ...tokensIn(item, kinds)])
}

/** Kinds, count and mail domains of what was found, masked or not: what policies may know of it. */
function factsOf({ found }: Draft): JsonObject {
  const kinds = new Set(found.map(({ kind }) => kind))
  const domains = new Set(
    found.filter(({ kind }) => kind === 'EMAIL').map(({ text }) => text.slice(text.lastIndexOf('@') + 1).toLowerCase()),
  )
  return { pii_kinds: [...kinds].sort(), pii_count: found.length, email_domains: [...domains].sort() }
}
