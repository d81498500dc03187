import type { Output } from './output.ts'

/** Rows under their names, each column as wide as its widest cell; nothing for no rows. */
export function table(print: Output, names: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return
  const widths = names.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of [names, ...rows])
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

/** What is wrong, and where. */
export interface Place {
  readonly message: string
  readonly help?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
  readonly text?: string | undefined
  readonly path?: string | undefined
}

/** A mistake with the line that it is in, and a caret under its place. `file` is named where there are several. */
export function caret({ message, help, line, column, text, path }: Place, written: string | undefined, file?: string): readonly string[] {
  const place = line === undefined ? path : `${line}:${column ?? 1}`
  const said = [[file, place].filter((part) => part !== undefined && part !== '').join(line === undefined ? ' ' : ':'), message]
    .filter((part) => part !== '')
    .join(' ')
  const source = line === undefined ? undefined : written?.split('\n')[line - 1]
  const width = Math.max(1, Math.min(text?.split('\n')[0]?.length ?? 1, 60))
  const shown = source === undefined ? [] : [`  ${source}`, `  ${' '.repeat((column ?? 1) - 1)}${'^'.repeat(width)}`]
  return [said, ...shown, ...(help === undefined ? [] : [`  ${help}`])]
}
