import { Dialog } from '../ui/dialog.tsx'
import { Keys } from '../ui/kbd.tsx'
import { pages } from './pages.ts'

const everywhere = [
  ['Ctrl K', 'Find a page, an action or an id'],
  ['?', 'This sheet'],
  ['/', 'Go to the page’s main field'],
  ['Esc', 'Close, or leave a field'],
] as const

const lists = [
  ['j', 'Next row'],
  ['k', 'Previous row'],
  ['Enter', 'Open the row'],
  ['p', 'Pause or resume the live tail'],
] as const

const approvals = [
  ['a', 'Approve the selected request'],
  ['d', 'Deny the selected request'],
] as const

/** What every key does. */
export function KeySheet({ close }: { close: () => void }) {
  return (
    <Dialog label="Keyboard" close={close} className="w-[40rem] max-w-[calc(100vw-2rem)]">
      <h2 className="border-b border-line px-5 py-3 text-base font-semibold">Keyboard</h2>
      <div className="grid gap-x-8 gap-y-5 px-5 py-4 sm:grid-cols-2">
        <Group title="Everywhere" rows={everywhere} />
        <Group title="Go to" rows={pages.map(({ keys, title }) => [keys, title] as const)} />
        <Group title="Lists" rows={lists} />
        <Group title="Approvals" rows={approvals} />
      </div>
    </Dialog>
  )
}

function Group({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3 className="label mb-2">{title}</h3>
      <dl className="space-y-1.5">
        {rows.map(([keys, does]) => (
          <div key={keys} className="flex items-center justify-between gap-4">
            <dd className="order-1 text-ink-2">{does}</dd>
            <dt className="order-2">
              <Keys keys={keys} />
            </dt>
          </div>
        ))}
      </dl>
    </section>
  )
}
