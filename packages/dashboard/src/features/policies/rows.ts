import { useMemo } from 'react'
import { type Binding, useKeys } from '../../app/keys.ts'

/** `j` and `k` move through what carries `data-row`; Enter opens, as on any link. */
export function useRowKeys(): void {
  useKeys(
    useMemo((): readonly Binding[] => {
      const move = (by: number) => () => {
        const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
        const at = rows.findIndex((row) => row === document.activeElement)
        rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by))]?.focus()
      }
      return [
        { keys: 'j', does: 'Next row', run: move(1) },
        { keys: 'k', does: 'Previous row', run: move(-1) },
      ]
    }, []),
  )
}
