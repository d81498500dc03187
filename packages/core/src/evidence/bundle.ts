import type { TenantId } from '../call.ts'
import { fromHex, toBase64, utf8 } from './bytes.ts'
import { canonical } from './canonical.ts'
import type { AuditLog } from './audit.ts'
import { type Bundle, type BundleConclusion, bundleFormat } from './bundle-file.ts'
import type { Opened } from './certificate.ts'
import { originOf, signCheckpoint } from './checkpoint.ts'
import { sha256 } from './digest.ts'
import type { Head, Ledger } from './ledger.ts'
import { inclusionProof } from './merkle.ts'
import type { PublicKey } from './public-key.ts'
import type { Recorded } from './recorder.ts'
import type { Signer } from './signer.ts'

/** Where evidence comes from. */
export interface Sources {
  readonly ledger: Ledger
  readonly audit: AuditLog
  readonly signer: Signer
}

/** A checkpoint of the tenant's ledger as it is now, signed. */
export async function checkpointNow(
  { ledger, audit, signer }: Sources,
  tenant: TenantId,
): Promise<{ readonly note: string; readonly head: Head }> {
  const head = await ledger.head(tenant)
  const checkpoint = { origin: originOf(tenant), size: head.size, root: head.root, audit: await audit.head(tenant, head.size) }
  return { note: await signCheckpoint(signer, checkpoint), head }
}

/** What goes into a bundle besides the record. */
export interface Enclosed {
  /** The policy sets that the certificate names, as far as the reader may see them. */
  readonly policies?: readonly { readonly digest: string; readonly text: string }[]
  /** The script of its theorem, which shows masked facts: only for those who may see all of them. */
  readonly theorem?: string
  /** Retired keys that may have signed: hints for the reader, never trusted. */
  readonly keys?: readonly PublicKey[]
  /** Which facts the reader may see; all of them when absent. */
  readonly see?: (fact: string) => boolean
}

/** The evidence bundle of a decision, as the canonical text of its `.agentgate.json` file. */
export async function bundle(
  sources: Sources,
  record: Recorded,
  { policies = [], theorem, keys = [], see = () => true }: Enclosed = {},
): Promise<string> {
  const { ledger, signer } = sources
  const { tenant } = record.decision.call
  const { note, head } = await checkpointNow(sources, tenant)
  const place = async (index: number) => ({
    index,
    proof: (await inclusionProof(index, head.size, (at) => ledger.nodes(tenant, at))).map((hash) => toBase64(fromHex(hash))),
  })
  const bodyOf = async (index: number) => {
    const [entry] = await ledger.read(tenant, index, index + 1)
    if (!entry) throw new Error(`Entry ${index} of the ledger is missing: the bundle cannot be made. Verify the ledger.`)
    return toBase64(utf8(entry.body))
  }
  const conclusion = async (index: number | undefined, opened: Opened | undefined): Promise<BundleConclusion | null> =>
    index === undefined ? null : { ...(await place(index)), body: await bodyOf(index), opened: openedArtefact(opened ?? {}, see) }
  const parts: Bundle = {
    format: bundleFormat,
    envelope: await bodyOf(record.entry),
    inclusion: await place(record.entry),
    checkpoint: toBase64(utf8(note)),
    opened: openedArtefact(record.opened, see),
    outcome: await conclusion(record.outcomeEntry, record.outcomeOpened),
    amendment: await conclusion(record.amendmentEntry, record.amendmentOpened),
    policies: policies.map(({ digest, text }) => ({ digest, text: toBase64(utf8(digested(digest, text))) })),
    theorem: theorem === undefined ? null : toBase64(utf8(theorem)),
    keys: [signer.key, ...keys].map(({ id, raw }) => ({ keyid: id, x: toBase64(raw) })),
  }
  return canonical(parts)
}

function openedArtefact(opened: Opened, see: (fact: string) => boolean): string {
  const seen = Object.entries(opened).filter(([fact]) => see(fact))
  return toBase64(
    utf8(canonical(Object.fromEntries(seen.map(([fact, { salt, value }]) => [fact, { salt, value: toBase64(utf8(canonical(value))) }])))),
  )
}

/** The exact text that the digest of a policy set is of: its Cedar text, or the canonical form of that. */
function digested(digest: string, text: string): string {
  const exact = [text, canonical(text)].find((candidate) => sha256(candidate) === digest)
  if (exact === undefined) throw new RangeError(`The policy text does not have the digest \`${digest}\`: give the one that was published.`)
  return exact
}
