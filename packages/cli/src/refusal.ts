import type { ExampleCall, Problem } from '@agentgate/api'
import { caret, type Place } from './layout.ts'
import { Trouble } from './output.ts'

/** What a server would not do, and why: each mistake at its place. `written` is the text that a mistake's `path` is in. */
export function refusal({ code, body }: Problem, written: (path: string) => { file?: string; text?: string } = () => ({})): Trouble {
  const lines = [
    ...(body.errors ?? []).flatMap((each) => {
      const { file, text } = written(each.path)
      return caret(each as Place, text, file)
    }),
    ...(body.widened_by ?? []).map((each) => `  ${each}`),
    ...(body.newly_allowed ?? []).map((each) => `  newly allowed: ${example(each)}`),
    ...(code === 'step-up-required' ? ['  Run `agentgate policies step-up`, then this again.'] : []),
    ...(body.invariants ?? []).flatMap((each) => (each.counterexample ? [`  ${each.says}: ${example(each.counterexample)}`] : [])),
  ]
  return new Trouble([`${code}: ${body.detail}`, ...lines].join('\n'))
}

/** A call in a line. */
export function example({ principal, action, resource, context }: ExampleCall): string {
  const roles = principal.roles.length > 0 ? ` in ${principal.roles.join(', ')}` : ''
  return `${principal.id}${roles} ${action} ${resource} ${JSON.stringify(context)}`
}
