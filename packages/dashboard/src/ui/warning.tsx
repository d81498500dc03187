import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Said } from './said.tsx'

/** Something that was asked for was not done, and why. Said to those who listen too. */
export function Warning({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="flex items-start gap-2 rounded-md border border-failed-line bg-failed-soft px-3 py-2 text-failed">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">{typeof children === 'string' ? <Said text={children} /> : children}</div>
    </div>
  )
}
