import type { AuditEvent } from '@agentgate/api'

export type Format = 'csv' | 'json' | 'jsonl'

export const mediaTypes: { readonly [format in Format]: string } = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
}

/** Audit events as a file. */
export function exported(events: readonly AuditEvent[], format: Format): string {
  if (format === 'json') return `${JSON.stringify(events, undefined, 1)}\n`
  if (format === 'jsonl') return events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const rows = events.map(({ seq, type, at, by, details, hash }) => [String(seq), type, at, by, JSON.stringify(details), hash])
  return [['seq', 'type', 'at', 'by', 'details', 'hash'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/** A cell of CSV (RFC 4180). A spreadsheet runs what begins like a formula: an apostrophe makes it text. */
export function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
