import type { Diagnostic as WireDiagnostic, PolicyForm } from '@agentgate/api'
import {
  type Diagnostic,
  freeze,
  type Json,
  type PolicySet,
  type PolicySource,
  type PolicyText,
  type PolicyTool,
  type Principal,
  type RegisteredTool,
  type TenantId,
} from '@agentgate/core'
import { Fault } from '../fault.ts'
import type { House } from '../house.ts'
import { Abandoned, type How, TimeOver } from '../work/policy-work.ts'

type Found = Diagnostic & { readonly in?: 'policy' | 'invariants' }

/** What policies must know of the tenant's tools. */
export async function toolsOf({ tools }: Pick<House, 'tools'>, tenant: TenantId): Promise<readonly PolicyTool[]> {
  return (await tools.list(tenant)).map(policyTool)
}

/** A tool as policies see it. */
export function policyTool({ declaration: { name, action, effect, input } }: Pick<RegisteredTool, 'declaration'>): PolicyTool {
  return { name, action: action ?? name, effect, inputSchema: input }
}

/** The way in that a form is. Rules nested too deep are a `Fault`. */
export function sourceOf(form: PolicyForm): PolicySource {
  if ('text' in form) return { form: 'cedar', text: form.text }
  return 'quick' in form
    ? { form: 'quick', rules: plain(form.quick, '/policy/quick') }
    : { form: 'conditioned', rules: plain(form.conditioned, '/policy/conditioned') }
}

/** Frozen JSON, or a `Fault` with the place of what is none. */
export function plain(value: unknown, path: string): Json {
  try {
    return freeze(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Fault(422, 'invalid-request', 'A part of the request is no JSON that can be judged: see `errors`.', {
      errors: [{ path, message: error.message.slice(0, 300) }],
    })
  }
}

/** Reads what somebody wrote; 413 or 422 with every place when it is not fit to be published. */
export async function prepared(
  house: Pick<House, 'policyWork' | 'tools'>,
  principal: Pick<Principal, 'tenant' | 'id'>,
  { policy, invariants }: { readonly policy: PolicyForm; readonly invariants?: string | undefined },
  root = '',
): Promise<PolicyText> {
  const tools = await toolsOf(house, principal.tenant)
  const asked = { source: sourceOf(policy), tools, ...(invariants !== undefined && { invariants }) }
  const found = await inTime(house.policyWork.do('prepare', asked, askedBy(principal)))
  if ('errors' in found) throw refused(found.errors, policy, root)
  return found.set
}

/** A text that nobody saved, as a set to judge by. */
export function unsaved(text: Pick<PolicySet, 'text' | 'digest' | 'source' | 'invariants'>): PolicySet {
  return { id: 'draft', version: 0, ...text, publishedAt: 0, publishedBy: 'User::draft' as PolicySet['publishedBy'] }
}

/** Who asks about policies, for their turn. */
export function askedBy({ tenant, id }: Pick<Principal, 'tenant' | 'id'>): How {
  return { tenant, by: id }
}

/** What takes too long, or waits behind too much, is a `Fault` that says so; nothing was changed. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (error instanceof TimeOver) throw new Fault(503, 'time-over', `${error.message} Ask about less, or try again.`)
    if (error instanceof Abandoned) throw new Fault(400, 'abandoned', error.message)
    if (error instanceof RangeError) throw new Fault(503, 'overloaded', error.message)
    throw error
  })
}

/** What is wrong with several sets, at once: as many places as one set would tell. What is no fault of a set is told alone. */
export function allOf(wrong: readonly unknown[]): unknown {
  const faults = wrong.filter((each) => each instanceof Fault)
  const other = wrong.find((each) => !(each instanceof Fault) || each.code !== 'invalid-policy')
  const [first] = faults
  if (other !== undefined || !first || faults.length === 1) return other ?? first
  const errors = faults.map((each) => each.more.errors ?? [])
  const each = Math.max(1, Math.floor(50 / errors.length))
  const message = `${faults.length} sets of the bundle cannot be published, so none was: see \`errors\`.`
  return new Fault(422, 'invalid-policy', message, { errors: errors.flatMap((some) => some.slice(0, each)) })
}

function refused(errors: readonly Found[], form: PolicyForm, root: string): Fault {
  const [first] = errors
  if (first?.code === 'too-large') return new Fault(413, 'policy-too-large', first.message)
  const rules = 'quick' in form ? `${root}/policy/quick` : 'conditioned' in form ? `${root}/policy/conditioned` : `${root}/policy`
  const shown = errors.slice(0, 50).map(({ path, message, line, column, text, help, in: which }) => ({
    path:
      which === 'invariants'
        ? `${root}/invariants`
        : path === undefined
          ? ('text' in form && `${root}/policy`) || rules
          : `${rules}${path}`,
    message,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(text !== undefined && { text }),
    ...(help !== undefined && { help }),
  }))
  return new Fault(422, 'invalid-policy', `The policy set cannot be published: ${first?.message ?? 'see `errors`'}`, { errors: shown })
}

export function wireDiagnostic({ code, message, help, line, column, text, policy, path, in: which }: Found): WireDiagnostic {
  return {
    code,
    message,
    ...(help !== undefined && { help }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(text !== undefined && { text }),
    ...(policy !== undefined && { policy }),
    ...(path !== undefined && { path }),
    ...(which !== undefined && { in: which }),
  }
}
