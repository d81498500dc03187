import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx.ts'

const kinds = {
  solid: 'bg-solid text-on-solid border-transparent enabled:hover:bg-solid-hover',
  plain: 'bg-surface text-ink border-line-strong enabled:hover:bg-hover',
  ghost: 'bg-transparent text-ink-2 border-transparent enabled:hover:bg-hover enabled:hover:text-ink',
  danger: 'bg-surface text-refused border-refused-line enabled:hover:bg-refused-soft',
} as const

interface Props extends ComponentProps<'button'> {
  kind?: keyof typeof kinds
  icon?: ReactNode
  small?: boolean
}

export function Button({ kind = 'plain', icon, small = false, className, children, type = 'button', ...rest }: Props) {
  return (
    <button
      type={type}
      className={cx(
        'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors duration-75 disabled:border-line disabled:bg-sunken disabled:text-ink-3',
        small ? 'h-7 px-2 text-xs' : 'h-8 px-3 text-sm',
        children === undefined && (small ? 'w-7 px-0' : 'w-8 px-0'),
        kinds[kind],
        className,
      )}
      {...rest}
    >
      {icon}
      {children}
    </button>
  )
}
