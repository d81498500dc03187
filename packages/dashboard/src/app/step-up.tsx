import { Problem } from '@agentgate/api'
import { KeyRound } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { explain } from '../ui/trouble.ts'
import { Warning } from '../ui/warning.tsx'
import { api } from './client.ts'

/** Who sits there, once more: for five minutes the session may then do what asks for it. */
export function StepUp({ proved, children }: { proved: () => void; children?: ReactNode }) {
  const password = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  useEffect(() => password.current?.focus(), [])
  const prove = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await api.principals.stepUp({ body: { password: password.current?.value ?? '' } })
      proved()
    } catch (cause) {
      setError(cause)
      setBusy(false)
    }
  }
  return (
    <div
      // The password is no part of the surrounding form: Enter proves, and nothing else is sent.
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        event.preventDefault()
        event.stopPropagation()
        void prove()
      }}
      className="space-y-3 rounded-md border border-held-line bg-held-soft px-4 py-3"
    >
      <p role="status" className="flex items-start gap-2 text-held">
        <KeyRound aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span>The server asks who sits there before it does this.</span>
      </p>
      {children}
      <Field
        id="step-up"
        ref={password}
        label="Your password"
        type="password"
        autoComplete="current-password"
        aria-invalid={error !== undefined}
      />
      {error !== undefined && <Warning>{said(error)}</Warning>}
      <Button kind="solid" disabled={busy} onClick={() => void prove()}>
        {busy ? 'Checking…' : 'Confirm and go on'}
      </Button>
    </div>
  )
}

function said(error: unknown): string {
  if (error instanceof Problem && error.code === 'invalid-credentials') return 'The password is wrong.'
  return explain(error).detail
}
