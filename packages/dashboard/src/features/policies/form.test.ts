import { describe, expect, it } from 'vitest'
import { problemsOf, ready, workingOf } from './form.ts'

describe('a set in one of its three forms', () => {
  it('is sent in the form it was written in', () => {
    expect(ready({ form: 'cedar', text: 'permit' })).toMatchObject({ policy: { text: 'permit' } })
    expect(ready({ form: 'quick', text: '{"pre_rules": []}' })).toMatchObject({ policy: { quick: { pre_rules: [] } } })
    expect(ready({ form: 'conditioned', text: '{"rules": []}' })).toMatchObject({ policy: { conditioned: { rules: [] } } })
  })

  it('that is no JSON is not sent, and says the line', () => {
    expect(ready({ form: 'quick', text: '{\n  "pre_rules": [,]\n}' })).toMatchObject({ ok: false, complaints: [{ line: 2, in: 'policy' }] })
    expect(ready({ form: 'quick', text: '[]' })).toMatchObject({ ok: false })
  })

  it('shows what is wrong with a rule at the line of the rule', () => {
    const read = ready({ form: 'quick', text: '{\n  "pre_rules": [\n    { "type": "nothing" }\n  ]\n}' })
    const found = problemsOf(
      [{ code: 'rule', message: 'No type.', path: '/pre_rules/0/type', line: 1, column: 1 }],
      read.ok ? read.typed : undefined,
    )
    expect(found).toMatchObject([{ line: 3, column: 7, in: 'policy' }])
    expect(problemsOf([{ code: 'syntax', message: 'No.', line: 4, column: 2, in: 'invariants' }])).toMatchObject([
      { line: 4, column: 2, in: 'invariants' },
    ])
  })

  it('comes back as it was written', () => {
    const json = '{"pre_rules":[]}'
    expect(workingOf({ text: 'permit', source: { form: 'quick', json } })).toMatchObject({
      form: 'quick',
      text: '{\n  "pre_rules": []\n}\n',
    })
    expect(workingOf({ text: 'permit', invariants: 'x' })).toEqual({ form: 'cedar', text: 'permit', invariants: 'x' })
  })
})
