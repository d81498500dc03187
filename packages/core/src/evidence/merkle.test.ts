import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  consistencyProof,
  emptyRoot,
  frontier,
  grow,
  inclusionProof,
  leafHash,
  nodeHash,
  type Position,
  rangeProof,
  rangeRoot,
  rootOf,
} from './merkle.ts'
import { verifyConsistency, verifyInclusion, webLeafHash } from './tree-proof.ts'

/** The eight leaves that certificate transparency logs are tested with since RFC 6962. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) =>
  Buffer.from(hex, 'hex'),
)
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

function tree(hashes: readonly string[]) {
  const nodes = new Map<string, string>()
  let front: readonly string[] = []
  const roots = [rootOf(front)]
  for (const [size, hash] of hashes.entries()) {
    const grown = grow(size, front, hash)
    front = grown.frontier
    for (const { level, index, hash } of grown.nodes) nodes.set(`${level}/${index}`, hash)
    roots.push(rootOf(front))
  }
  const read = async (at: readonly Position[]) =>
    at.map(({ level, index }) => {
      const hash = nodes.get(`${level}/${index}`)
      if (!hash) throw new Error(`node ${level}/${index} was never complete`)
      return hash
    })
  return { roots, read, front }
}

/** The definition of RFC 9162, section 2.1.1, word for word. */
function definition(hashes: readonly string[]): string {
  if (hashes.length === 0) return emptyRoot
  if (hashes.length === 1) return hashes[0] ?? ''
  let k = 1
  while (k * 2 < hashes.length) k *= 2
  return nodeHash(definition(hashes.slice(0, k)), definition(hashes.slice(k)))
}

const many = Array.from({ length: 70 }, (_, index) => leafHash(`leaf ${index}`))

describe('the Merkle tree', () => {
  it('has the published roots', () => {
    expect(tree(leaves.map((leaf) => leafHash(leaf))).roots).toEqual(roots)
  })

  it('hashes leaves alike in servers and browsers, and apart from nodes', async () => {
    for (const leaf of leaves) expect(await webLeafHash(leaf)).toBe(leafHash(leaf))
    const [a = '', b = ''] = many
    expect(nodeHash(a, b)).not.toBe(leafHash(Buffer.from(a + b, 'hex')))
  })

  it('has the root of the definition at every size, and stores each complete subtree once', () => {
    const { roots, front } = tree(many)
    for (let size = 0; size <= many.length; size++) expect(roots[size]).toBe(definition(many.slice(0, size)))
    expect(frontier(many.length)).toEqual([
      { level: 6, index: 0 },
      { level: 2, index: 16 },
      { level: 1, index: 34 },
    ])
    expect(front).toHaveLength(3)
    expect(frontier(0)).toEqual([])
  })

  it('proves every leaf of every size, and nothing else', async () => {
    const { roots, read } = tree(many)
    for (let size = 1; size <= 40; size++) {
      const root = roots[size] ?? ''
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(index, size, read)
        const leaf = many[index] ?? ''
        expect(await verifyInclusion({ leaf, index, size, root }, proof)).toBe(true)
        expect(await verifyInclusion({ leaf: many[index + 1] ?? '', index, size, root }, proof)).toBe(false)
        expect(await verifyInclusion({ leaf, index: (index + 1) % (size + 1), size, root }, proof)).toBe(false)
        expect(await verifyInclusion({ leaf, index, size, root }, [...proof, root])).toBe(false)
        expect(await verifyInclusion({ leaf, index, size, root }, proof.slice(1))).toBe(size === 1)
      }
    }
  })

  it('proves that every size grew from every older one, and nothing else', async () => {
    const { roots, read } = tree(many)
    for (let size = 0; size <= 33; size++) {
      for (let older = 0; older <= size; older++) {
        const proof = await consistencyProof(older, size, read)
        const growth = { older, olderRoot: roots[older] ?? '', size, root: roots[size] ?? '' }
        expect(await verifyConsistency(growth, proof)).toBe(true)
        expect(await verifyConsistency({ ...growth, olderRoot: many[0] ?? '', older }, proof)).toBe(
          older === 1 && growth.olderRoot === many[0],
        )
        expect(await verifyConsistency({ ...growth, root: leafHash('other') }, proof)).toBe(older === 0 && size > 0)
        expect(await verifyConsistency(growth, [...proof, many[0] ?? ''])).toBe(false)
      }
    }
  })

  it('proves in trees larger than any array', async () => {
    const read = async (at: readonly Position[]) => at.map(({ level, index }) => leafHash(`${level}/${index}`))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 50 }), fc.nat(), async (size, pick) => {
        const index = pick % size
        const root = rootOf(await read(frontier(size)))
        const proof = await inclusionProof(index, size, read)
        expect(proof.length).toBeLessThanOrEqual(50)
        // Only the leaf's own subtree hashes are made up, so just the shape can be checked here.
        expect(await verifyInclusion({ leaf: leafHash('none'), index, size, root }, proof)).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it('refuses to prove what is not there', async () => {
    const { read } = tree(many)
    for (const [index, size] of [
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, 0],
    ] as const)
      await expect(inclusionProof(index, size, read)).rejects.toThrow(RangeError)
    for (const [older, size] of [
      [6, 5],
      [-1, 5],
      [1, Number.NaN],
    ] as const)
      await expect(consistencyProof(older, size, read)).rejects.toThrow(RangeError)
  })

  it('believes no proof that is too short or too long for the size, though its hashes fit', async () => {
    const [a = '', b = '', c = '', d = '', x = ''] = many
    expect(await verifyInclusion({ leaf: a, index: 0, size: 2, root: a }, [])).toBe(false)
    expect(await verifyInclusion({ leaf: a, index: 0, size: 1, root: nodeHash(x, a) }, [x])).toBe(false)
    expect(await verifyConsistency({ older: 1, olderRoot: a, size: 2, root: a }, [])).toBe(false)
    const ab = nodeHash(a, b)
    const [three, four] = [nodeHash(ab, c), nodeHash(ab, nodeHash(c, d))]
    expect(await verifyConsistency({ older: 3, olderRoot: three, size: 4, root: four }, [c, d, ab])).toBe(true)
    expect(await verifyConsistency({ older: 3, olderRoot: nodeHash(x, three), size: 4, root: nodeHash(x, four) }, [c, d, ab, x])).toBe(
      false,
    )
  })

  it('believes no proof about sizes or hashes that are none', async () => {
    const [leaf = '', root = ''] = many
    expect(await verifyInclusion({ leaf, index: -1, size: 1, root: leaf }, [])).toBe(false)
    expect(await verifyInclusion({ leaf, index: 0, size: 1.5, root: leaf }, [])).toBe(false)
    expect(await verifyInclusion({ leaf: 'zz', index: 0, size: 1, root: 'zz' }, [])).toBe(false)
    expect(await verifyInclusion({ leaf, index: 0, size: 2, root }, ['AB'])).toBe(false)
    expect(await verifyConsistency({ older: 3, olderRoot: leaf, size: 2, root }, [])).toBe(false)
    expect(await verifyConsistency({ older: -1, olderRoot: leaf, size: 2, root }, [])).toBe(false)
    expect(await verifyConsistency({ older: 3, olderRoot: leaf, size: 4, root }, [])).toBe(false)
    expect(await verifyConsistency({ older: 0, olderRoot: leaf, size: 0, root: leaf }, [])).toBe(false)
    expect(await verifyConsistency({ older: 2, olderRoot: leaf, size: 2, root }, [])).toBe(false)
    expect(await verifyConsistency({ older: 1, olderRoot: 'x', size: 2, root }, [])).toBe(false)
  })
})

describe('the proof of a range', () => {
  const { roots: all, read } = tree(many)

  it('leads from exactly its leaves to the root, for every range of every tree', async () => {
    for (const size of [0, 1, 2, 3, 7, 8, 33, 70]) {
      for (let from = 0; from <= size; from++) {
        for (let to = from; to <= size; to += Math.max(1, size >> 3)) {
          const proof = await rangeProof(from, to, size, read)
          expect(rangeRoot(many.slice(from, to), { from, size }, proof)).toBe(all[size])
          expect(proof.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(size + 1)))
        }
      }
    }
  })

  it('leads nowhere when a leaf is changed, left out, added or moved, or a hash of it is', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size), fc.nat(99))),
        fc.constantFrom('change', 'leave out', 'add', 'swap', 'move', 'break', 'shorten'),
        async ([size, a, b, at], how) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)]
          const proof = [...(await rangeProof(from, to, size, read))]
          const some = many.slice(from, to)
          const place = at % Math.max(1, some.length)
          const other = leafHash('another')
          let first = from
          if (how === 'change') some[place] = other
          if (how === 'leave out') some.splice(place, 1)
          if (how === 'add') some.splice(place, 0, other)
          if (how === 'swap') some.reverse()
          if (how === 'move') first = from === 0 ? 1 : from - 1
          if (how === 'break') proof[at % Math.max(1, proof.length)] = other
          if (how === 'shorten') proof.pop()
          fc.pre(how !== 'leave out' || from < to)
          fc.pre(how !== 'swap' || some.length > 1)
          fc.pre(how !== 'shorten' || proof.length < (await rangeProof(from, to, size, read)).length)
          // No leaves at all are nowhere in particular.
          fc.pre(how !== 'move' || from < to)
          expect(rangeRoot(some, { from: first, size }, proof)).not.toBe(all[size])
        },
      ),
      { numRuns: 1_000 },
    ))

  it('takes hashes only: a longer text is not read as two of them', async () => {
    const proof = await rangeProof(2, 3, 4, read)
    expect(rangeRoot(many.slice(2, 3), { from: 2, size: 4 }, proof)).toBe(all[4])
    const [left = '', right = ''] = proof
    expect(rangeRoot(many.slice(2, 3), { from: 2, size: 4 }, [left.toUpperCase(), right])).toBeUndefined()
    expect(rangeRoot(many.slice(2, 3), { from: 2, size: 4 }, [left + right, ''])).toBeUndefined()
  })

  it('is refused for entries that are not there', async () => {
    for (const [from, to, size] of [
      [0, 8, 7],
      [-1, 2, 7],
      [3, 2, 7],
      [0.5, 2, 7],
    ] as const)
      await expect(rangeProof(from, to, size, read)).rejects.toThrow(RangeError)
  })
})
