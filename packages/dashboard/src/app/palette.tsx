import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { FileBadge, Keyboard, ListTree, type LucideIcon, LogOut, Scale, Search, SunMoon } from 'lucide-react'
import { useState } from 'react'
import { policiesQuery } from '../features/policies/queries.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Keys } from '../ui/kbd.tsx'
import { pages } from './pages.ts'
import { useSession } from './session.tsx'
import { currentTheme, setTheme, themes } from './theme.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Pages, actions, and any id pasted into it. */
export function Palette({ close, showKeys }: { close: () => void; showKeys: () => void }) {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const { can, signOut } = useSession()
  const sets = useQuery({ ...policiesQuery(), enabled: can('policy:read') })
  const id = text.trim()
  const isId = uuid.test(id)
  const go = (run: () => unknown) => () => {
    close()
    void run()
  }
  return (
    <Dialog label="Command palette" close={close} className="w-[36rem] max-w-[calc(100vw-2rem)]">
      <Command label="Command palette" loop className="flex flex-col">
        <div className="flex items-center gap-2 border-b border-line px-4">
          <Search aria-hidden className="size-4 text-ink-3" />
          <Command.Input
            data-first
            value={text}
            onValueChange={setText}
            placeholder="Find a page or an action, or paste an id"
            className="h-11 w-full bg-transparent text-base outline-none placeholder:text-ink-3"
          />
        </div>
        <Command.List className="max-h-80 overflow-y-auto p-1.5">
          <Command.Empty className="px-3 py-6 text-center text-ink-3">Nothing is called that.</Command.Empty>
          {isId && (
            <Section heading="Id">
              <Item icon={ListTree} value={`trace ${id}`} run={go(() => navigate({ to: '/traces/$id', params: { id } }))}>
                Open the trace <code className="font-mono text-xs">{id}</code>
              </Item>
              <Item icon={FileBadge} value={`certificate ${id}`} run={go(() => navigate({ to: '/evidence/$id', params: { id } }))}>
                Open the certificate <code className="font-mono text-xs">{id}</code>
              </Item>
            </Section>
          )}
          <Section heading="Pages">
            {pages
              .filter(({ needs }) => can(needs))
              .map(({ path, title, icon, keys }) => (
                <Item key={path} icon={icon} value={title} keys={keys} run={go(() => navigate({ to: path }))}>
                  {title}
                </Item>
              ))}
          </Section>
          {sets.data && sets.data.items.length > 0 && (
            <Section heading="Policy sets">
              {sets.data.items.slice(0, 200).map(({ id: name, state }) => (
                <Item
                  key={name}
                  icon={Scale}
                  value={`policy set ${name}`}
                  run={go(() => navigate({ to: '/policies/$id', params: { id: name } }))}
                >
                  {name} <span className="text-ink-3">{state}</span>
                </Item>
              ))}
            </Section>
          )}
          <Section heading="Actions">
            {themes
              .filter((theme) => theme !== currentTheme())
              .map((theme) => (
                <Item key={theme} icon={SunMoon} value={`theme ${theme} appearance`} run={go(() => setTheme(theme))}>
                  Appearance: {theme === 'system' ? 'as the system' : theme}
                </Item>
              ))}
            <Item icon={Keyboard} value="keyboard shortcuts" keys="?" run={go(showKeys)}>
              Keyboard shortcuts
            </Item>
            <Item icon={LogOut} value="sign out log out" run={go(signOut)}>
              Sign out
            </Item>
          </Section>
        </Command.List>
      </Command>
    </Dialog>
  )
}

function Section({ heading, children }: { heading: string; children: React.ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3"
    >
      {children}
    </Command.Group>
  )
}

function Item({
  icon: Icon,
  value,
  keys,
  run,
  children,
}: {
  icon: LucideIcon
  value: string
  keys?: string
  run: () => void
  children: React.ReactNode
}) {
  return (
    <Command.Item
      value={value}
      onSelect={run}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-ink-2 data-[selected=true]:bg-hover data-[selected=true]:text-ink"
    >
      <Icon aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
      <span className="truncate">{children}</span>
      {keys && (
        <span className="ml-auto">
          <Keys keys={keys} />
        </span>
      )}
    </Command.Item>
  )
}
