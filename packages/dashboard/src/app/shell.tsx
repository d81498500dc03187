import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { FlaskConical, Keyboard, LogOut, Monitor, Moon, Search, Sun, UserRound } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { ApprovalsLine, pendingQuery, useApprovals } from '../features/approvals/pending.ts'
import { cx } from '../ui/cx.ts'
import { Keys } from '../ui/kbd.tsx'
import { Mark } from '../ui/mark.tsx'
import { KeySheet } from './key-sheet.tsx'
import { type Binding, useKeys } from './keys.ts'
import { Palette } from './palette.tsx'
import { pages } from './pages.ts'
import { useSession } from './session.tsx'
import { setTheme, themes, useTheme } from './theme.ts'

/** What surrounds every page: where one is, who one is, and whether this is the demo. */
export function Shell() {
  const [open, setOpen] = useState<'palette' | 'keys'>()
  const { health } = useSession()
  const line = useApprovals()
  const navigate = useNavigate()
  const close = () => setOpen(undefined)
  useKeys(
    useMemo((): readonly Binding[] => {
      const focusMain = () => document.querySelector<HTMLElement>('[data-main-field]')?.focus()
      return [
        ...pages.map(({ keys, title, path }) => ({ keys, does: title, run: () => void navigate({ to: path }) })),
        { keys: '?', does: 'Keyboard', run: () => setOpen('keys') },
        { keys: '/', does: 'Main field', run: focusMain },
      ]
    }, [navigate]),
  )
  usePaletteKey(() => setOpen((before) => (before === 'palette' ? undefined : 'palette')))
  return (
    <div className={cx('flex min-h-dvh flex-col', health.demo && 'strip')}>
      <a
        href="#main"
        className="sr-only rounded-md bg-solid px-3 py-2 text-on-solid focus:not-sr-only focus:absolute focus:left-3 focus:top-3 focus:z-50"
      >
        Skip to the page
      </a>
      {health.demo && <DemoStrip />}
      <div className="flex min-h-0 flex-1 flex-col md:flex-row">
        <Side openPalette={() => setOpen('palette')} openKeys={() => setOpen('keys')} />
        <main id="main" tabIndex={-1} className="mx-auto w-full min-w-0 max-w-[92rem] flex-1 px-4 py-5 outline-none md:px-7">
          <ApprovalsLine value={line}>
            <Outlet />
          </ApprovalsLine>
        </main>
      </div>
      {open === 'palette' && <Palette close={close} showKeys={() => setOpen('keys')} />}
      {open === 'keys' && <KeySheet close={close} />}
    </div>
  )
}

/** Says that this is the demo. */
export function DemoStrip() {
  return (
    <aside
      aria-label="Demo"
      className="sticky top-0 z-30 flex min-h-[25px] items-center justify-center gap-2 border-b border-held-line bg-held-soft px-4 py-1 text-xs text-held"
    >
      <FlaskConical aria-hidden className="size-3.5 shrink-0" />
      <p>
        <strong className="font-semibold">Demo.</strong> Bound to this machine.
        <span className="max-md:hidden"> Nothing here is production.</span>
      </p>
    </aside>
  )
}

function Side({ openPalette, openKeys }: { openPalette: () => void; openKeys: () => void }) {
  const { user, can, signOut } = useSession()
  return (
    <header className="flex shrink-0 items-center gap-1 border-line max-md:relative max-md:overflow-x-auto max-md:border-b max-md:px-3 max-md:py-2 md:sticky md:top-(--strip) md:h-[calc(100dvh-var(--strip))] md:w-56 md:flex-col md:items-stretch md:gap-0 md:border-r md:px-3 md:py-4">
      <Link to="/dashboard" className="flex items-center gap-2 rounded-md px-2 py-1 md:mb-4">
        <Mark className="size-5" />
        <span className="text-base font-semibold tracking-[-0.01em] max-md:sr-only">AgentGate</span>
      </Link>
      <button
        type="button"
        onClick={openPalette}
        className="flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-2 text-ink-3 hover:border-ink-3 hover:text-ink-2 md:mb-4"
      >
        <Search aria-hidden className="size-3.5" />
        <span className="max-md:sr-only">Search</span>
        <span className="ml-auto max-md:hidden">
          <Keys keys="Ctrl K" />
        </span>
      </button>
      <nav aria-label="Pages" className="flex gap-0.5 md:flex-col">
        {pages
          .filter(({ needs }) => can(needs))
          .map(({ path, title, icon: Icon }) => (
            <Link
              key={path}
              to={path}
              activeProps={{ 'aria-current': 'page' }}
              className="group flex h-8 items-center gap-2.5 rounded-md px-2 font-medium text-ink-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:text-ink"
            >
              <Icon
                aria-hidden
                className="size-4 shrink-0 text-ink-3 group-hover:text-ink-2 group-aria-[current=page]:text-ink"
                strokeWidth={1.75}
              />
              <span className="max-md:sr-only">{title}</span>
              {path === '/approvals' && <PendingCount />}
            </Link>
          ))}
      </nav>
      <div className="ml-auto flex shrink-0 items-center gap-1 md:ml-0 md:mt-auto md:flex-col md:items-stretch md:gap-2">
        <div className="flex items-center justify-between gap-1 max-md:hidden">
          <ThemeSwitch />
          <IconButton label="Keyboard shortcuts" onClick={openKeys}>
            <Keyboard aria-hidden className="size-4" strokeWidth={1.75} />
          </IconButton>
        </div>
        <div className="flex items-center gap-2 border-line md:border-t md:pt-3">
          <UserRound aria-hidden className="size-4 shrink-0 text-ink-3 max-md:hidden md:ml-2" strokeWidth={1.75} />
          <div className="min-w-0 flex-1 max-md:hidden">
            <p className="truncate text-xs font-medium" title={user.email}>
              {user.email}
            </p>
            <p className="truncate text-2xs text-ink-3" title={user.roles.join(', ')}>
              {user.roles.join(', ')}
            </p>
          </div>
          <IconButton label="Sign out" onClick={() => void signOut()}>
            <LogOut aria-hidden className="size-4" strokeWidth={1.75} />
          </IconButton>
        </div>
      </div>
    </header>
  )
}

function PendingCount() {
  const { data } = useQuery(pendingQuery)
  const count = data?.items.length
  if (!count) return null
  return (
    <span className="tabular ml-auto rounded-full border border-held-line bg-held-soft px-1.5 text-2xs font-semibold text-held">
      {count}
      <span className="sr-only"> waiting</span>
    </span>
  )
}

const themeIcons = { system: Monitor, light: Sun, dark: Moon } as const

function ThemeSwitch() {
  const theme = useTheme()
  return (
    <div role="radiogroup" aria-label="Appearance" className="flex rounded-md border border-line-strong bg-surface p-px">
      {themes.map((each) => {
        const Icon = themeIcons[each]
        return (
          <label
            key={each}
            title={each === 'system' ? 'As the system' : each === 'dark' ? 'Dark' : 'Light'}
            className="grid size-[26px] place-items-center rounded-[5px] text-ink-3 hover:text-ink has-checked:bg-hover has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="theme"
              className="sr-only"
              checked={theme === each}
              onChange={() => setTheme(each)}
              aria-label={each}
            />
            <Icon aria-hidden className="size-3.5" strokeWidth={1.75} />
          </label>
        )
      })}
    </div>
  )
}

function IconButton({ label, onClick, children }: { label: string; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="grid size-7 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
    >
      {children}
    </button>
  )
}

/** Ctrl-K and Cmd-K work everywhere, in fields too. */
function usePaletteKey(toggle: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      toggle()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [toggle])
}
