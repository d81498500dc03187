/** Prints rows as a small table: columns are the members of the first row, numbers to the right. */
export function table(title: string, rows: readonly Record<string, unknown>[]): void {
  console.log(`\n${title}`)
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const text = (value: unknown) =>
    value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  const width = (column: string) => Math.max(column.length, ...rows.map((row) => text(row[column]).length))
  const line = (cell: (column: string) => string, row?: Record<string, unknown>) =>
    columns
      .map((column) => (typeof row?.[column] === 'number' ? cell(column).padStart(width(column)) : cell(column).padEnd(width(column))))
      .join('  ')
  console.log(line((column) => column))
  console.log(line((column) => '─'.repeat(width(column))))
  for (const row of rows) console.log(line((column) => text(row[column]), row))
}
