import { Copy } from './copy.tsx'
import { cx } from './cx.ts'

/** An id in monospace with its copy button. Shortened, it keeps its end: UUIDv7 begin with the time and look alike. */
export function Id({ id, what, short = false, className }: { id: string; what: string; short?: boolean; className?: string }) {
  return (
    <span className={cx('inline-flex max-w-full items-center gap-0.5', className)}>
      <code className="truncate font-mono text-xs text-ink-2" title={id}>
        {short ? shortened(id) : id}
      </code>
      <Copy text={id} what={what} />
    </span>
  )
}

/** `…9f3a1c2b` for ids over 14 characters; a typed id keeps its type: `User::…9f3a1c2b`. */
export function shortened(id: string): string {
  const [, type = '', rest = id] = /^([A-Za-z]+::)?(.*)$/.exec(id) ?? []
  const bare = rest.replaceAll('"', '')
  return bare.length > 14 ? `${type}…${bare.slice(-8)}` : `${type}${bare}`
}
