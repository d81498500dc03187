import { parseTrust, type Verified, verifyBundle } from '@agentgate/core/verify'
import { CircleCheck, CircleX, KeyRound, OctagonX, ShieldCheck, ShieldQuestion } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { fieldClass } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Said } from '../../ui/said.tsx'
import { explain } from '../../ui/trouble.ts'
import { conclusion, pin, pinnedText } from './pin.ts'

type Result = { readonly at: number; readonly verified: Verified } | { readonly error: string }

/** Checks a bundle in this browser, with a key that the person pins. Nothing is asked of the server but the bundle itself. */
export function Verification({ load }: { load: () => Promise<Uint8Array> }) {
  const id = useId()
  const [pinned, setPinned] = useState(pinnedText)
  const [result, setResult] = useState<Result>()
  const [busy, setBusy] = useState(false)
  const run = async (bundle: () => Promise<Uint8Array>) => {
    setBusy(true)
    setResult(undefined)
    try {
      const trust = pinned.trim() ? await parseTrust(pinned) : []
      pin(pinned)
      setResult({ at: Date.now(), verified: await verifyBundle(await bundle(), trust) })
    } catch (error) {
      setResult({ error: explain(error).detail })
    } finally {
      setBusy(false)
    }
  }
  const pick = async (file: File | undefined) => {
    if (file) setPinned(await file.text())
  }
  return (
    <Panel title="Verify in this browser" aside="no server is trusted or asked">
      <label htmlFor={`${id}pin`} className="mb-1 flex items-center gap-1.5 text-xs font-medium text-ink-2">
        <KeyRound aria-hidden className="size-3.5" /> The key you trust: JWKS, PEM, or SHA-256 fingerprint
      </label>
      <textarea
        id={`${id}pin`}
        rows={3}
        value={pinned}
        spellCheck={false}
        onChange={(event) => {
          setPinned(event.target.value)
          setResult(undefined)
        }}
        placeholder="Paste the key that its owner gave you. A key taken from this same server proves only that the server agrees with itself."
        className={cx(fieldClass, 'w-full py-1.5 font-mono text-xs/5')}
      />
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <Button kind="solid" disabled={busy} onClick={() => void run(load)} icon={<ShieldCheck aria-hidden className="size-4" />}>
          {busy ? 'Checking…' : 'Verify this certificate'}
        </Button>
        <Pick label="Key from a file" accept=".json,.pem,.jwks,.txt" pick={(file) => void pick(file)} />
        <Pick
          label="Verify another bundle"
          accept=".json"
          pick={(file) => file && void run(async () => new Uint8Array(await file.arrayBuffer()))}
        />
        {pinned.trim() && (
          <Button
            kind="ghost"
            onClick={() => {
              setPinned('')
              pin('')
              setResult(undefined)
            }}
          >
            Forget the key
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {result && ('error' in result ? <NotVerified text={result.error} /> : <Result verified={result.verified} />)}
      </div>
    </Panel>
  )
}

function NotVerified({ text }: { text: string }) {
  return (
    <p data-result="failed" className="mt-4 flex gap-2 rounded-md border border-failed-line bg-failed-soft px-3 py-2 text-failed">
      <CircleX aria-hidden className="mt-0.5 size-4 shrink-0" /> Nothing was verified. {text}
    </p>
  )
}

const tones = {
  valid: ['border-allowed-line bg-allowed-soft text-allowed', ShieldCheck],
  'untrusted-key': ['border-held-line bg-held-soft text-held', ShieldQuestion],
  invalid: ['border-refused-line bg-refused-soft text-refused', OctagonX],
  refused: ['border-refused-line bg-refused-soft text-refused', OctagonX],
} as const

function Result({ verified: { code, checks, certificate } }: { verified: Verified }) {
  const { title, means } = conclusion(code)
  const [tone, Icon] = tones[code]
  return (
    <div className="rise mt-4" data-result={code}>
      <div className={cx('flex gap-2.5 rounded-md border px-3 py-2.5', tone)}>
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
        <div>
          <p className="font-semibold">{title}</p>
          <p>{means}</p>
          {certificate && code !== 'refused' && <p className="mt-1 break-all font-mono text-xs">{certificate.decision_id}</p>}
        </div>
      </div>
      <ul aria-label="Checks" className="mt-3">
        {checks.map(({ name, ok, detail }) => (
          <li
            key={name}
            data-check={name}
            data-ok={ok}
            className="grid grid-cols-[1rem_11.5rem_minmax(0,1fr)] gap-x-2 border-b border-line py-1.5 last:border-b-0"
          >
            {ok ? (
              <CircleCheck aria-hidden className="mt-0.5 size-3.5 text-allowed" />
            ) : (
              <CircleX aria-hidden className="mt-0.5 size-3.5 text-refused" />
            )}
            <span className="font-mono text-xs/5">
              {name}
              <span className="sr-only">{ok ? ' passed' : ' failed'}</span>
            </span>
            <span className={cx('break-words text-xs/5', ok ? 'text-ink-3' : 'text-refused')}>
              <Said text={detail} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Pick({ label, accept, pick }: { label: string; accept: string; pick: (file: File | undefined) => void }) {
  return (
    <label className="inline-flex h-8 cursor-pointer items-center rounded-md border border-line-strong bg-surface px-3 font-medium hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-accent">
      {label}
      <input
        type="file"
        accept={accept}
        className="sr-only"
        onChange={(event) => {
          pick(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </label>
  )
}
