import { builtInModel, type PromptGuardOptions as Options, type PromptModel, promptGuard as guard } from '@agentgate/core'
import { type Duration, soon } from '../duration.ts'
import type { AgentControl } from './control.ts'

/** A classifier of your own: how sure it is, 0 to 1, that a text tries to steer a model. It throws when it cannot tell. */
export type PromptClassifier = (text: string, signal: AbortSignal) => number | Promise<number>

export interface PromptGuardOptions extends Pick<Options, 'threshold' | 'failClosed' | 'mode' | 'withholdOutput'> {
  /** The built-in model unless given: a classifier, or where one answers `POST {"text": …}` with `{"score": 0.98}`. */
  readonly model?: PromptClassifier | PromptModel | { readonly url: string; readonly headers?: { readonly [name: string]: string } }
  /** How long the model may take for a call; `'2s'` by default. */
  readonly timeout?: Duration
}

/** Refuses input that tries to steer a model: "Ignore previous instructions and …". A signal beside policies, not instead of them. */
export function promptGuard({ model, timeout, ...options }: PromptGuardOptions = {}): AgentControl {
  const asked = { ...options, model: modelOf(model), ...(timeout !== undefined && { timeout: soon(timeout, 'timeout') }) }
  const detect = guard(asked)
  return (_house, n) => ({ detect: [{ ...detect, name: `prompt-guard-${n}` }] })
}

/** Loads the model that `promptGuard` was given, the built-in one by default, so that the first call does not wait for it. */
export async function warmupPromptGuard(model?: PromptGuardOptions['model']): Promise<void> {
  const { warmUp, judge } = modelOf(model)
  await (warmUp ? warmUp() : judge('Hello.', AbortSignal.timeout(30_000)))
}

function modelOf(model: PromptGuardOptions['model']): PromptModel {
  if (model === undefined) return builtInModel
  if (typeof model === 'function') return { name: 'own', judge: async (text, signal) => ({ score: await model(text, signal), signs: [] }) }
  if ('judge' in model) return model
  const { url, headers = {} } = model
  if (!URL.canParse(url)) throw new TypeError(`promptGuard: \`${url}\` is no address of a model`)
  return {
    name: 'remote',
    async judge(text, signal) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ text }),
        redirect: 'error',
        signal,
      })
      if (!response.ok) throw new Error(`the model answered ${response.status}`)
      const { score } = (await response.json()) as { readonly score: number }
      return { score, signs: [] }
    },
  }
}
