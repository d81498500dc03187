import { hash } from 'node:crypto'

/** A complete subtree: `index` counts the subtrees of 2^level leaves from the left; level 0 are the leaves. */
export interface Position {
  readonly level: number
  readonly index: number
}

export type Node = Position & { readonly hash: string }

/** Reads the hashes (hex) of complete subtrees, in the order asked. */
export type ReadNodes = (at: readonly Position[]) => Promise<readonly string[]>

/** The root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot = hash('sha256', '')

/** Hash of a leaf, hex: SHA-256(0x00 ‖ body), RFC 9162, section 2.1.1. Text is taken as UTF-8. */
export function leafHash(body: string | Uint8Array): string {
  return typeof body === 'string' ? hash('sha256', `\0${body}`) : hash('sha256', Buffer.concat([Uint8Array.of(0), body]))
}

/** Hash of an inner node, hex: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: string, right: string): string {
  return hash('sha256', Buffer.from(`01${left}${right}`, 'hex'))
}

/** The complete subtrees that a tree of `size` leaves consists of, left to right, largest first. Their hashes are its frontier. */
export function frontier(size: number): readonly Position[] {
  return subtrees(0, size)
}

/** The root of the tree with that frontier. */
export function rootOf(hashes: readonly string[]): string {
  const [last, ...rest] = hashes.toReversed()
  return last === undefined ? emptyRoot : rest.reduce((right, left) => nodeHash(left, right), last)
}

/** Adds one leaf to a tree of `size` leaves: the new frontier, and the nodes that became complete and are to be stored. */
export function grow(
  size: number,
  hashes: readonly string[],
  leaf: string,
): { readonly frontier: readonly string[]; readonly nodes: readonly Node[] } {
  const stack = [...hashes]
  let node: Node = { level: 0, index: size, hash: leaf }
  const nodes = [node]
  for (let left = stack.at(-1); node.index % 2 === 1 && left !== undefined; left = stack.at(-1)) {
    stack.pop()
    node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left, node.hash) }
    nodes.push(node)
  }
  return { frontier: [...stack, node.hash], nodes }
}

/** Hashes (hex) that lead from leaf `index` to the root of the first `size` leaves: RFC 9162, section 2.1.3.1. */
export async function inclusionProof(index: number, size: number, read: ReadNodes): Promise<readonly string[]> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    throw new RangeError(`Entry ${index} is not among the first ${size}: ask for one that is.`)
  return readRanges(pathRanges(index, 0, size), read)
}

/** Hashes (hex) that show the tree of `size` to be the tree of `older` with leaves added: RFC 9162, section 2.1.4.1. */
export async function consistencyProof(older: number, size: number, read: ReadNodes): Promise<readonly string[]> {
  if (!Number.isSafeInteger(older) || !Number.isSafeInteger(size) || older < 0 || older > size)
    throw new RangeError(`A tree of ${size} did not grow from one of ${older}: ask for an older size.`)
  return older === 0 || older === size ? [] : readRanges(consistencyRanges(older, 0, size, true), read)
}

/**
 * Hashes (hex) that lead from leaves `from` (inclusive) to `to` (exclusive), all of them together, to the root of the first `size`
 * leaves: those of the subtrees of RFC 9162, section 2.1.1, that lie outside of the range and of no larger such one, left to right.
 */
export async function rangeProof(from: number, to: number, size: number, read: ReadNodes): Promise<readonly string[]> {
  if (![from, to, size].every(Number.isSafeInteger) || from < 0 || to < from || to > size)
    throw new RangeError(`Entries ${from} to ${to} are not among the first ${size}: ask for some that are.`)
  return size === 0 ? [] : readRanges(outsideRanges(from, to, 0, size), read)
}

/** The root to which `proof` leads from exactly these leaves (hashes, hex), the first being leaf `from`; `undefined` for what is no such proof. */
export function rangeRoot(
  leaves: readonly string[],
  { from, size }: { readonly from: number; readonly size: number },
  proof: readonly string[],
): string | undefined {
  const to = from + leaves.length
  if (![from, size].every(Number.isSafeInteger) || from < 0 || to > size) return undefined
  if (![...leaves, ...proof].every((hash) => /^[0-9a-f]{64}$/.test(hash))) return undefined
  if (size === 0) return proof.length === 0 ? emptyRoot : undefined
  let read = 0
  const rootOver = (start: number, end: number): string => {
    if (isOutside(from, to, start, end)) return proof[read++] ?? ''
    if (end - start === 1) return leaves[start - from] ?? ''
    const middle = start + half(end - start)
    return nodeHash(rootOver(start, middle), rootOver(middle, end))
  }
  const root = rootOver(0, size)
  return read === proof.length ? root : undefined
}

type Range = readonly [start: number, end: number]

function outsideRanges(from: number, to: number, start: number, end: number): Range[] {
  if (isOutside(from, to, start, end)) return [[start, end]]
  if (from <= start && end <= to) return []
  const middle = start + half(end - start)
  return [...outsideRanges(from, to, start, middle), ...outsideRanges(from, to, middle, end)]
}

function isOutside(from: number, to: number, start: number, end: number): boolean {
  return from === to || to <= start || end <= from
}

function pathRanges(index: number, start: number, end: number): Range[] {
  if (end - start === 1) return []
  const middle = start + half(end - start)
  return index < middle ? [...pathRanges(index, start, middle), [middle, end]] : [...pathRanges(index, middle, end), [start, middle]]
}

function consistencyRanges(older: number, start: number, end: number, whole: boolean): Range[] {
  if (older === end) return whole ? [] : [[start, end]]
  const middle = start + half(end - start)
  return older <= middle
    ? [...consistencyRanges(older, start, middle, whole), [middle, end]]
    : [...consistencyRanges(older, middle, end, false), [start, middle]]
}

/** The largest power of two below `size`. */
function half(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/** The complete subtrees that leaves `start` to `end` consist of. INVARIANT: `start` is a multiple of the largest one. */
function subtrees(start: number, end: number): Position[] {
  const found: Position[] = []
  for (let at = start; at < end; ) {
    const level = Math.floor(Math.log2(end - at))
    found.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return found
}

async function readRanges(ranges: readonly Range[], read: ReadNodes): Promise<string[]> {
  const positions = ranges.map(([start, end]) => subtrees(start, end))
  const hashes = await read(positions.flat())
  let at = 0
  return positions.map(({ length }) => rootOf(hashes.slice(at, (at += length))))
}
