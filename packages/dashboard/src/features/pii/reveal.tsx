import { type PiiSession, Problem } from '@agentgate/api'
import { useEffect, useState } from 'react'
import { Eye, EyeOff } from 'lucide-react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { StepUp } from '../../app/step-up.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Field, fieldClass } from '../../ui/field.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'

/** How long a value stands on the page: seconds. */
const shownFor = 20

/** What a single token looks like: it is revealed. Anything longer is a text, which is restored. */
const single = /^<[A-Z][A-Z0-9_]*_\d{1,9}>$/

/**
 * One value, or a text with its values, for a purpose: audited, kept nowhere but in sight, and masked again after a while or as
 * soon as the page is left.
 */
export function Reveal({ session: { session_id, principal } }: { session: PiiSession }) {
  const { user } = useSession()
  const [text, setText] = useState('')
  const [purpose, setPurpose] = useState('')
  const [seen, setSeen] = useState<string>()
  const [left, setLeft] = useState(0)
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    if (seen === undefined) return
    const timer = setInterval(() => setLeft((seconds) => seconds - 1), 1000)
    const hide = () => setSeen(undefined)
    document.addEventListener('visibilitychange', hide)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', hide)
    }
  }, [seen])
  useEffect(() => {
    if (left <= 0) setSeen(undefined)
  }, [left])

  const reveal = async () => {
    setBusy(true)
    setError(undefined)
    setSeen(undefined)
    try {
      const asked = { session_id, purpose, ...(principal !== user.id && { principal }) }
      const token = text.trim()
      const found = single.test(token)
        ? (await api.pii.reveal({ body: { ...asked, token } })).value
        : (await api.pii.restore({ body: { ...asked, text } })).restored_text
      setLeft(shownFor)
      setSeen(found)
    } catch (cause) {
      setError(cause)
    }
    setBusy(false)
  }
  const asksWho = error instanceof Problem && error.code === 'step-up-required'

  return (
    <form
      aria-label="Reveal a value"
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault()
        void reveal()
      }}
    >
      <div>
        <label htmlFor="token" className="mb-1 block text-xs font-medium text-ink-2">
          Token, or a text with tokens
        </label>
        <textarea
          id="token"
          rows={2}
          placeholder="<SSN_1>"
          value={text}
          onChange={({ target }) => setText(target.value)}
          maxLength={100_000}
          spellCheck={false}
          className={cx(fieldClass, 'block w-full resize-y py-1.5 font-mono')}
        />
      </div>
      <Field
        id="purpose"
        label="What for"
        hint="Stands in the audit log for good: say what for, not about whom."
        value={purpose}
        onChange={({ target }) => setPurpose(target.value)}
        maxLength={500}
      />
      {asksWho ? (
        <StepUp proved={() => void reveal()} />
      ) : (
        <Button
          type="submit"
          icon={<Eye aria-hidden className="size-3.5" />}
          disabled={busy || text.trim() === '' || purpose.trim() === ''}
        >
          Reveal
        </Button>
      )}
      {error !== undefined && !asksWho && <Warning>{explain(error).detail}</Warning>}
      <div role="status" data-part="revealed">
        {seen !== undefined ? (
          <div className="flex items-center gap-3 rounded-md border border-held-line bg-held-soft px-3 py-2">
            <span className="min-w-0 flex-1 whitespace-pre-wrap break-words font-mono">{seen}</span>
            <span className="tabular text-xs text-held">masked again in {left} s</span>
            <Button
              small
              kind="ghost"
              aria-label="Mask it now"
              icon={<EyeOff aria-hidden className="size-3.5" />}
              onClick={() => setSeen(undefined)}
            />
          </div>
        ) : (
          <span className="sr-only">No value is shown.</span>
        )}
      </div>
    </form>
  )
}
