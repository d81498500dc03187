import type { Detection, PiiSession } from '@agentgate/api'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { api } from '../../app/client.ts'
import { useSession } from '../../app/session.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { Id } from '../../ui/id.tsx'
import { Panel } from '../../ui/panel.tsx'
import { explain } from '../../ui/trouble.ts'
import { Warning } from '../../ui/warning.tsx'

interface Redacted {
  readonly session: PiiSession
  readonly text: string
  readonly mappings: readonly { readonly token: string; readonly kind: string; readonly score: number }[]
}

/** Any text: what is found in it, and what it looks like masked. It stays in this page: leaving it forgets the text. */
export function TextTab() {
  const [text, setText] = useState('')
  const [found, setFound] = useState<readonly Detection[]>()
  const [redacted, setRedacted] = useState<Redacted>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const { can } = useSession()
  const client = useQueryClient()

  const doing = (work: () => Promise<void>) => async () => {
    setBusy(true)
    setError(undefined)
    await work().catch(setError)
    setBusy(false)
  }
  const detect = doing(async () => setFound((await api.pii.detect({ body: { text } })).detections))
  const redact = doing(async () => {
    const session = redacted?.session ?? (await api.pii.createSession({ body: { purpose: 'trying a text in the console' } }))
    const { redacted_text, mappings } = await api.pii.redact({ body: { session_id: session.session_id, text } })
    setRedacted({ session, text: redacted_text, mappings })
    await client.invalidateQueries({ queryKey: ['pii', 'sessions'] })
  })

  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title="Text">
        <label htmlFor="text" className="sr-only">
          Text
        </label>
        <textarea
          id="text"
          rows={9}
          value={text}
          onChange={({ target }) => {
            setText(target.value)
            setFound(undefined)
          }}
          maxLength={100_000}
          spellCheck={false}
          placeholder="Something with an address, a card number or a name in it"
          className={cx(fieldClass, 'block w-full resize-y py-2 font-mono text-sm')}
        />
        <div className="mt-3 flex flex-wrap gap-2">
          <Button disabled={busy || text === ''} onClick={() => void detect()}>
            Find
          </Button>
          <Button
            kind="solid"
            disabled={busy || text === '' || !can('pii:redact')}
            title={can('pii:redact') ? undefined : 'Needs `pii:redact`'}
            onClick={() => void redact()}
          >
            Mask
          </Button>
        </div>
        {error !== undefined && (
          <div className="mt-3">
            <Warning>{explain(error).detail}</Warning>
          </div>
        )}
      </Panel>
      <div className="grid gap-4">
        <Panel title="Found" aside={found && `${found.length}`} flush>
          {!found ? (
            <Nothing>Nothing was looked for yet.</Nothing>
          ) : found.length === 0 ? (
            <Nothing>No personal data was found.</Nothing>
          ) : (
            <ul aria-label="Found" data-part="found">
              {found.map(({ kind, start, end, score, recognizer }) => (
                <li
                  key={`${start}-${kind}`}
                  className="grid grid-cols-[9rem_6rem_minmax(0,1fr)_3rem] gap-x-3 border-b border-line px-4 py-1.5 text-xs last:border-b-0"
                >
                  <span className="font-medium">{kind}</span>
                  <span className="tabular text-ink-3">
                    {start}–{end}
                  </span>
                  <span className="truncate text-ink-3">{recognizer}</span>
                  <span className="tabular text-right text-ink-2">{score.toFixed(2)}</span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title="Masked" aside={redacted && <Id id={redacted.session.session_id} what="the session's id" short />}>
          {redacted ? (
            <>
              <pre data-part="masked" className="whitespace-pre-wrap break-words font-mono text-sm">
                {redacted.text}
              </pre>
              <p className="mt-3 text-xs text-ink-3">
                {redacted.mappings.length === 0
                  ? 'Nothing was masked.'
                  : `${new Set(redacted.mappings.map(({ token }) => token)).size} tokens. Their values are in the vault.`}
              </p>
            </>
          ) : (
            <p className="py-6 text-center text-ink-3">Nothing was masked yet.</p>
          )}
        </Panel>
      </div>
    </div>
  )
}

function Nothing({ children }: { children: ReactNode }) {
  return <p className="px-4 py-8 text-center text-ink-3">{children}</p>
}
