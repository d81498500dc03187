import { cx } from './cx.ts'
import { looks, type Status } from './status.ts'

/** A status as icon and word, coloured the same everywhere. */
export function Badge({ status, word, bare = false }: { status: Status; word?: string; bare?: boolean }) {
  const { icon: Icon, badge, text, means } = looks[status]
  return (
    <span
      title={means}
      className={cx(
        'inline-flex items-center gap-1 whitespace-nowrap text-xs font-medium',
        bare ? text : cx('rounded-sm border px-1.5 py-px', badge),
      )}
    >
      <Icon aria-hidden className={cx('size-3.5 shrink-0', status === 'running' && 'turn')} strokeWidth={2} />
      {word ?? status}
    </span>
  )
}
