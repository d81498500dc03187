import { useEffect } from 'react'

/** What a key, or two keys one after the other (`g t`), does. */
export interface Binding {
  readonly keys: string
  readonly does: string
  readonly run: () => void
}

/** A press that may belong to a binding. */
export interface Press {
  readonly key: string
  readonly plain: boolean
  /** Whether it went to something that takes text. */
  readonly typing: boolean
}

const patience = 1200

/** Matches presses to bindings. `at` is in milliseconds: a sequence lapses when its second key comes late. */
export function matcher(): (press: Press, at: number, bindings: readonly Binding[]) => Binding | undefined {
  let first: { key: string; at: number } | undefined
  return ({ key, plain, typing }, at, bindings) => {
    const begun = first && at - first.at <= patience ? first.key : undefined
    first = undefined
    if (!plain || typing) return undefined
    const sequence = begun && bindings.find(({ keys }) => keys === `${begun} ${key}`)
    if (sequence) return sequence
    if (bindings.some(({ keys }) => keys.startsWith(`${key} `))) first = { key, at }
    return bindings.find(({ keys }) => keys === key)
  }
}

/** Binds keys while the component is shown. Nothing fires inside a field or under an open dialog. */
export function useKeys(bindings: readonly Binding[]): void {
  useEffect(() => {
    const match = matcher()
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return
      // Of a press inside a shadow root, `event.target` is only its host.
      const [within] = event.composedPath()
      const target = within instanceof HTMLElement ? within : undefined
      const typing = target !== undefined && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey
      const binding = match({ key: event.key, plain, typing }, event.timeStamp, bindings)
      if (!binding) return
      event.preventDefault()
      binding.run()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [bindings])
}
