import { Problem } from '@agentgate/api'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { CircleAlert, Clock } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { api } from '../../app/client.ts'
import { healthQuery } from '../../app/queries.ts'
import { safeNext } from '../../app/search.ts'
import { DemoStrip } from '../../app/shell.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Mark } from '../../ui/mark.tsx'
import { Countdown } from '../../ui/time.tsx'
import { explain } from '../../ui/trouble.ts'

const route = getRouteApi('/sign-in')

/** Email and password. One message for whatever was wrong with them. */
export function SignIn() {
  const { next, why } = route.useSearch()
  const router = useRouter()
  const client = useQueryClient()
  const health = useQuery(healthQuery)
  const [error, setError] = useState<{ text: string; until?: number }>()
  const [busy, setBusy] = useState(false)
  const alert = useRef<HTMLDivElement>(null)
  useEffect(() => {
    document.title = 'Sign in · AgentGate'
  }, [])

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(undefined)
    try {
      await api.principals.login({ body: { email: typed(form, 'email'), password: typed(form, 'password') } })
      client.clear()
      await router.navigate({ href: safeNext(next) })
    } catch (cause) {
      setError(said(cause))
      alert.current?.focus()
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className="flex min-h-dvh flex-col">
      {health.data?.demo && <DemoStrip />}
      <main className="grid flex-1 place-items-center px-4 py-12">
        <div className="rise w-full max-w-[23rem]">
          <div className="mb-5 flex items-center justify-center gap-2.5">
            <Mark className="size-7" />
            <p className="text-lg font-semibold tracking-[-0.01em]">AgentGate</p>
          </div>
          <div className="rounded-lg border border-line bg-surface p-6">
            <h1 className="text-xl font-semibold tracking-[-0.01em]">Sign in</h1>
            <p className="mb-5 mt-1 text-ink-2">Every call decided, and every decision on record.</p>
            {why === 'ended' && !error && (
              <p role="status" className="mb-4 flex gap-2 rounded-md border border-held-line bg-held-soft px-3 py-2 text-held">
                <Clock aria-hidden className="mt-0.5 size-4 shrink-0" />
                Your session ended. Sign in to go on where you were.
              </p>
            )}
            <div ref={alert} tabIndex={-1} role="alert" className="outline-none empty:hidden">
              {error && (
                <p className="mb-4 flex gap-2 rounded-md border border-refused-line bg-refused-soft px-3 py-2 text-refused">
                  <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
                  <span>
                    {error.text}
                    {error.until !== undefined && (
                      <>
                        {' '}
                        Try again in <Countdown at={error.until} over="a moment" />.
                      </>
                    )}
                  </span>
                </p>
              )}
            </div>
            <form onSubmit={(event) => void submit(event)} className="space-y-4">
              <Field
                id="email"
                name="email"
                label="Email"
                type="email"
                autoComplete="username"
                required
                autoFocus
                spellCheck={false}
                aria-invalid={error !== undefined}
              />
              <Field
                id="password"
                name="password"
                label="Password"
                type="password"
                autoComplete="current-password"
                required
                aria-invalid={error !== undefined}
              />
              <Button kind="solid" type="submit" disabled={busy} className="h-9 w-full">
                {busy ? 'Signing in…' : 'Sign in'}
              </Button>
            </form>
          </div>
          {health.data?.demo && (
            <p className="mt-4 text-center text-xs text-ink-3">
              The demo prints its two users, a requester and an approver, where it was started.
            </p>
          )}
          {health.isError && (
            <p className="mt-4 text-center text-xs text-failed">The server’s health is unknown: {explain(health.error).detail}</p>
          )}
        </div>
      </main>
      <footer className="px-4 pb-5 text-center text-2xs text-ink-3">{health.data && <>AgentGate {health.data.version}</>}</footer>
    </div>
  )
}

function typed(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

function said(cause: unknown): { text: string; until?: number } {
  if (!(cause instanceof Problem)) return { text: explain(cause).detail }
  if (cause.code === 'invalid-credentials') return { text: 'The email or the password is wrong.' }
  const { retry_after_ms: wait } = cause.body
  return { text: explain(cause).detail, ...(wait !== undefined && { until: Date.now() + wait }) }
}
