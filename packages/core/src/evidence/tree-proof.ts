import { type Bytes, fromHex, toHex } from './bytes.ts'
import { webDigest } from './web-digest.ts'

/** Hash of a leaf, hex, by WebCrypto: SHA-256(0x00 ‖ body). */
export async function webLeafHash(body: Uint8Array): Promise<string> {
  return toHex(await webDigest(Uint8Array.of(0), body))
}

/** What an inclusion proof claims: `leaf` is entry `index` of the tree of `size` entries with `root`. Hashes are hex. */
export interface Inclusion {
  readonly leaf: string
  readonly index: number
  readonly size: number
  readonly root: string
}

/** Whether `proof` (hex) shows the inclusion: RFC 9162, section 2.1.3.2. */
export async function verifyInclusion({ leaf, index, size, root }: Inclusion, proof: readonly string[]): Promise<boolean> {
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false
  let hash = fromHex(leaf)
  let at = index
  let last = size - 1
  for (const step of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = await node(fromHex(step), hash)
      for (; at % 2 === 0 && at !== 0; last = floorHalf(last)) at /= 2
    } else hash = await node(hash, fromHex(step))
    at = floorHalf(at)
    last = floorHalf(last)
  }
  return last === 0 && toHex(hash) === root
}

/** What a consistency proof claims: the tree of `size` entries is the one of `older` entries with more added. */
export interface Growth {
  readonly older: number
  readonly olderRoot: string
  readonly size: number
  readonly root: string
}

/** Whether `proof` (hex) shows the growth: RFC 9162, section 2.1.4.2. Any tree grew from the empty one. */
export async function verifyConsistency({ older, olderRoot, size, root }: Growth, proof: readonly string[]): Promise<boolean> {
  if (!isSize(older) || !isSize(size) || older > size) return false
  if (older === 0 && olderRoot !== emptyRoot) return false
  if (older === size) return proof.length === 0 && olderRoot === root
  if (![olderRoot, root, ...proof].every(isHash)) return false
  if (older === 0) return proof.length === 0
  let at = older - 1
  let last = size - 1
  for (; at % 2 === 1; last = floorHalf(last)) at = floorHalf(at)
  // A complete older tree is its own first step.
  const [first, ...steps] = at === 0 ? [olderRoot, ...proof] : proof
  if (first === undefined) return false
  let from = fromHex(first)
  let to = from
  for (const step of steps) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      from = await node(fromHex(step), from)
      to = await node(fromHex(step), to)
      for (; at % 2 === 0 && at !== 0; last = floorHalf(last)) at /= 2
    } else to = await node(to, fromHex(step))
    at = floorHalf(at)
    last = floorHalf(last)
  }
  return last === 0 && toHex(from) === olderRoot && toHex(to) === root
}

const emptyRoot = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

async function node(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return webDigest(Uint8Array.of(1), left, right)
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function floorHalf(value: number): number {
  return Math.floor(value / 2)
}
