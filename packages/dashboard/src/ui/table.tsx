import type { ComponentProps, CSSProperties } from 'react'
import { cx } from './cx.ts'
import { Bar, Loading } from './skeleton.tsx'

/** A column of a list. */
export interface Column {
  readonly name: string
  /** From which width on it is shown: always unless told. Its cells take `from[…]` too. */
  readonly from?: keyof typeof from
  readonly right?: boolean
  /** The width of the bar in its place while the rows are on their way. */
  readonly bar: string
}

/** A cell that is shown from a width on. */
export const from = { md: 'max-md:hidden', lg: 'max-lg:hidden' } as const

/** A row that one link inside opens, wherever it is clicked: the row is `relative` or `absolute`. */
export const rowClass = 'border-b border-line last:border-b-0 hover:bg-hover has-focus-visible:bg-hover'

/** The link that opens its row. */
export const rowLinkClass =
  'font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent'

/** The names of the columns. `className` lays them out, as it does the rows. */
export function Heads({ columns, className, ...rest }: Omit<ComponentProps<'div'>, 'children'> & { columns: readonly Column[] }) {
  return (
    <div role="row" className={cx(className, 'label h-8 border-b border-line')} {...rest}>
      {columns.map((column) => (
        <span key={column.name} role="columnheader" className={cx(column.from && from[column.from], column.right && 'text-right')}>
          {column.name}
        </span>
      ))}
    </div>
  )
}

/** Bars where the rows of a table will be, so that nothing moves when they come. */
export function LoadingRows({
  what,
  columns,
  rows,
  className,
  style,
}: {
  what: string
  columns: readonly Column[]
  rows: number
  className: string
  style?: CSSProperties
}) {
  return (
    <Loading what={what}>
      <div className="h-8 border-b border-line" />
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={cx(className, 'border-b border-line last:border-b-0')} style={style}>
          {columns.map((column) => (
            <Bar key={column.name} className={cx(column.bar, column.from && from[column.from], column.right && 'ml-auto')} />
          ))}
        </div>
      ))}
    </Loading>
  )
}
