import { readFile } from 'node:fs/promises'
import { createClient, Problem, type WireTheorem } from '@agentgate/api'
import { parseTrust, type Verified, verifyBundle } from '@agentgate/core'
import { exportPeriod, isExport, verifyExport } from './export.ts'
import { type Output, Trouble } from './output.ts'

/** What people and scripts read of a verification. */
const said: Record<Verified['code'], string> = {
  valid: 'VALID: every check passed against the pinned keys.',
  invalid: 'INVALID: a check failed. Do not rely on this evidence.',
  'untrusted-key': 'UNTRUSTED: no pinned key signed this. Nothing it says is known to be true.',
  refused: 'REFUSED: this is not an evidence bundle in its one canonical form.',
}

/**
 * Verifies an evidence bundle, or the folder of an export, against pinned keys, without any network, and prints each check by name. Answers the exit
 * code: 0 only for a valid bundle, 1 otherwise. What cannot be read at all throws `Trouble`.
 */
export async function verifyEvidence(file: string, trust: string, print: Output): Promise<number> {
  if (await isExport(file)) return verifyExport(file, await pins(trust), print)
  const bytes = await read(file, 'the evidence bundle')
  const pinned = await pins(trust)
  const { code, checks, certificate, outcome } = await verifyBundle(bytes, pinned)
  for (const { name, ok, detail } of checks) print(`${ok ? 'pass' : 'FAIL'}  ${name.padEnd(22)} ${detail}`)
  if (code === 'valid' && certificate) {
    const { decision_id, verdict, result, action, principal, issued_at } = certificate
    print('')
    print(`decision   ${decision_id}`)
    print(`verdict    ${verdict} (${result})`)
    print(`action     ${action}`)
    print(`principal  ${principal}`)
    print(`issued     ${issued_at}`)
    print(`outcome    ${outcome?.status ?? 'not enclosed'}`)
  }
  print('')
  print(said[code])
  return code === 'valid' ? 0 : 1
}

/** A server, and who asks it. */
export interface Server {
  readonly url: string
  readonly token: string | undefined
}

/**
 * Prints the theorem of a decision: with `smt2` its script and nothing else, for `z3` or `cvc5` to read; otherwise what it
 * says, for people. Answers the exit code.
 */
export async function showTheorem({ url, token }: Server, id: string, smt2: boolean, print: Output): Promise<number> {
  const theorem = await theoremFrom(createClient({ url: url.replace(/\/+$/, ''), token: () => token }), url, id)
  if (smt2) {
    print(theorem.script.trimEnd())
    return 0
  }
  const { decision_id, verdict, theorem_hash, proof_type, predicates, slice, solver } = theorem
  print(`decision   ${decision_id}`)
  print(`verdict    ${verdict}`)
  print(`theorem    ${theorem_hash}`)
  print(`proof      ${proof_type}, ${solver.name} ${solver.version}, ${solver.mode}: ${solver.answer}`)
  print(`policies   ${slice.read} that could apply, of ${slice.of}`)
  for (const { name, holds, witness } of predicates)
    print(`${holds ? 'holds' : 'fails'}      ${name.padEnd(14)} ${witness.join(' ')}`.trimEnd())
  print('')
  print(`Check it without us: agentgate evidence theorem ${decision_id} --smt2 | z3 -in`)
  return 0
}

/** Exports a period of the ledger into a folder, or goes on with it. `from` and `to` as `Date.parse` reads them; `to` is excluded. */
export async function exportEvidence(
  { url, token }: Server,
  { from, to, out }: { readonly from: string; readonly to?: string | undefined; readonly out: string },
  print: Output,
): Promise<number> {
  const client = createClient({ url: url.replace(/\/+$/, ''), token: () => token })
  const period = { from: timeOf(from), ...(to !== undefined && { to: timeOf(to) }) }
  const { entries, bundles, folder } = await answered(url, () => exportPeriod(client, { ...period, folder: out, say: print }))
  print(`${entries} entries and ${bundles} bundles are in \`${folder}\``)
  print(`Check them without us: agentgate evidence verify ${folder} --trust KEYS`)
  return 0
}

function timeOf(word: string): string {
  const time = new Date(word)
  if (!Number.isNaN(time.getTime())) return time.toISOString()
  throw new Trouble(`\`${word}\` is no time: give one like \`2026-01-01\` or \`2026-01-01T09:00:00Z\`.`)
}

async function theoremFrom(client: ReturnType<typeof createClient>, url: string, id: string): Promise<WireTheorem> {
  return answered(url, () => client.evidence.theorem({ params: { id } }))
}

async function answered<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem) throw new Trouble(`The server refused (${error.code}): ${error.message}`)
    if (error instanceof TypeError && error.message === 'fetch failed')
      throw new Trouble(`No server answers at \`${url}\`: start it, or name another by \`--url\`.`)
    throw error
  }
}

/** `--trust`: a file with keys, or fingerprints themselves. */
async function pins(trust: string) {
  const fingerprints = /^(?:sha256:)?[0-9a-f:]{64,}(?:[\s,]+(?:sha256:)?[0-9a-f:]{64,})*$/i.test(trust.trim())
  const text = fingerprints ? trust : new TextDecoder().decode(await read(trust, 'the pinned keys'))
  try {
    return await parseTrust(text)
  } catch (error) {
    throw new Trouble(
      `\`${trust.slice(0, 200)}\` holds no keys to trust: ${error instanceof Error ? error.message : 'it is not understood'}`,
    )
  }
}

async function read(file: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    const why = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : 'it cannot be read'
    throw new Trouble(`\`${file}\` was to be ${what}, but ${why}.`)
  }
}
