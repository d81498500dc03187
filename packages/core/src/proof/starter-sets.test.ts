import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCedar } from '../policy/cedar-text.ts'
import { cedarSchema, type PolicyTool } from '../policy/schema.ts'
import { starterSets } from '../policy/starter/starter-sets.ts'
import { type Analysis, analysis } from './analysis.ts'
import { readInvariants } from './invariant.ts'
import { openZ3, solverOf, type Z3 } from './z3.ts'

const object = (properties: { readonly [name: string]: { readonly type: string } }) => ({ type: 'object', properties, required: [] })
const tools: readonly PolicyTool[] = [
  { name: 'db.delete', action: 'db.delete', effect: 'delete', inputSchema: object({ table: { type: 'string' } }) },
  { name: 'pay', action: 'pay', effect: 'pay', inputSchema: object({ amount: { type: 'integer' } }) },
  { name: 'mail.send', action: 'mail.send', effect: 'send', inputSchema: object({ body: { type: 'string' } }) },
]

let z3: Z3
beforeAll(async () => {
  z3 = await openZ3()
})
afterAll(() => z3.close())

const about = (registered: readonly PolicyTool[]): Analysis =>
  analysis({
    solver: solverOf(z3),
    tools: registered,
  })

const policies = (text: string) => {
  const read = readCedar(text)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.policies
}
/** A set that only forbids is judged beside one that permits everything. */
const open = policies('@id("everything") permit (principal, action, resource);')

describe.each(starterSets)('the starter set $id', ({ id, text, invariants }) => {
  it.each([
    ['without tools', []],
    ['with tools', tools],
  ])('is decided %s: its invariants hold whatever else permits, and nothing is unknown', async (_, registered) => {
    const read = readInvariants(invariants, cedarSchema(registered).schema)
    if (!read.ok) throw new Error(JSON.stringify(read.errors))
    const set = policies(text)
    const whole = id === 'default-guardrails' ? set : [...set, ...open]
    const answers = await about(registered).invariants(whole, read.invariants)
    expect(answers.map(({ invariant, answer, unsupported }) => ({ says: invariant.says, answer, unsupported }))).toEqual(
      read.invariants.map(({ says }) => ({ says, answer: 'holds', unsupported: undefined })),
    )
    const { found, unknown } = await about(registered).findings(whole)
    expect(unknown).toEqual([])
    expect(found.filter(({ kind }) => kind === 'vacuous')).toEqual([])
  })
})
