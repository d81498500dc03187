const grouped = new Intl.NumberFormat('en')

/** `1,284`. */
export function count(value: number): string {
  return grouped.format(value)
}
