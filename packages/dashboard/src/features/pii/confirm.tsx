import { Problem } from '@agentgate/api'
import { type ReactNode, useState } from 'react'
import { StepUp } from '../../app/step-up.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'

/** What cannot be undone: a word is typed first, and the password where the server asks for it. */
export function Confirm({
  title,
  word,
  does,
  act,
  done,
  close,
  children,
}: {
  title: string
  word: string
  does: string
  act: () => Promise<unknown>
  done: () => Promise<unknown>
  close: () => void
  children: ReactNode
}) {
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const asksWho = error instanceof Problem && error.code === 'step-up-required'
  const go = async () => {
    if (typed !== word || busy) return
    setBusy(true)
    setError(undefined)
    try {
      await act()
      close()
      await done()
    } catch (cause) {
      setError(cause)
      setBusy(false)
    }
  }
  return (
    <Dialog label={title} close={close} className="w-[32rem] max-w-[calc(100vw-2rem)]">
      <form
        className="space-y-4 px-5 py-4"
        onSubmit={(event) => {
          event.preventDefault()
          void go()
        }}
      >
        <h2 className="text-base font-semibold">{title}</h2>
        <p className="text-ink-2">{children}</p>
        <Field
          id="typed"
          data-first
          label={`Type ${word} to go on`}
          value={typed}
          autoComplete="off"
          onChange={({ target }) => setTyped(target.value)}
        />
        {asksWho && <StepUp proved={() => void go()} />}
        {error !== undefined && !asksWho && <Warning>{explain(error).detail}</Warning>}
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="danger" disabled={typed !== word || busy}>
            {does}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
