import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionId, TenantId } from '../call.ts'
import type { Owner } from './owner.ts'
import { redaction } from './redact.ts'
import { UnknownToken } from './restore.ts'
import { memoryVault } from './vault.ts'

const owner: Owner = { tenant: 'acme' as TenantId, principal: 'User::u', session: 's' as SessionId }

describe('redacting a text', () => {
  it('says which token stands for what, at its place in the original', async () => {
    const { redact } = redaction({ vault: memoryVault() })
    const text = 'SSN 123-45-6789 and jane@example.com, typed <SSN_1>'
    const { text: redacted, mappings } = await redact(owner, text)
    expect(redacted).toBe('SSN <SSN_1> and <EMAIL_1>, typed <LITERAL_1>')
    expect(mappings.map(({ token, kind, start, end }) => [token, kind, text.slice(start, end)])).toEqual([
      ['<SSN_1>', 'SSN', '123-45-6789'],
      ['<EMAIL_1>', 'EMAIL', 'jane@example.com'],
      ['<LITERAL_1>', 'LITERAL', '<SSN_1>'],
    ])
    for (const { score } of mappings) expect(score).toBeGreaterThan(0.5)
  })

  it('masks a value that its words gave away wherever else it stands, however far', async () => {
    const { redact, restore } = redaction({ vault: memoryVault() })
    const text = `X1234567 came.${' It was said that the rain would stop.'.repeat(400)} Her passport number is X1234567.`
    const { text: redacted, mappings } = await redact(owner, text)
    expect(redacted).not.toContain('X1234567')
    expect(mappings.map(({ token }) => token)).toEqual(['<PASSPORT_1>', '<PASSPORT_1>'])
    expect((await restore(owner, redacted)).text).toBe(text)
  })

  it('gives any text back as it was, with custom recognizers and typed tokens', async () => {
    const recognizers = [{ name: 'staff-number', kind: 'STAFF_NUMBER', pattern: 'S-\\d{6}' }]
    const { redact, restore } = redaction({ vault: memoryVault(), recognizers })
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '123-45-6789',
        'jane@example.com',
        'S-123456',
        '<SSN_1>',
        '&lt;EMAIL_1&gt;',
        '{"a":4111111111111111}',
        '<STAFF_NUMBER_1>',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (parts) => {
        const text = parts.join(' ')
        const { text: redacted } = await redact(owner, text)
        expect((await restore(owner, redacted)).text).toBe(text)
      }),
    )
  })

  it('reveals the value behind a token as it was found, and never the input of a call', async () => {
    const vault = memoryVault()
    const { redact, reveal, restore } = redaction({ vault })
    await redact(owner, '{"card":4111111111111111}')
    await vault.keep(owner, [{ kind: 'INPUT', value: '{"secret":1}' }])
    expect(await reveal(owner, '<CREDIT_CARD_1>')).toEqual({ kind: 'CREDIT_CARD', value: '4111111111111111' })
    for (const token of ['<INPUT_1>', '<SSN_9>', 'SSN_1', ' <CREDIT_CARD_1>', '<RECORD_1>', ''])
      expect(await reveal(owner, token)).toBeUndefined()
    await expect(restore(owner, 'a <SSN_9>')).rejects.toThrow(UnknownToken)
  })

  it('lets others have their turn while it masks and restores a document of ten thousand values', async () => {
    const { redact, restore } = redaction({ vault: memoryVault() })
    const text = JSON.stringify(Array.from({ length: 10_000 }, (_, n) => ({ mail: `person${n}@example.com`, n })))
    let turns = 0
    let over = false
    const other = () => {
      turns++
      if (!over) setImmediate(other)
    }
    setImmediate(other)
    const { text: redacted, mappings } = await redact(owner, text)
    expect(mappings.length).toBe(10_000)
    expect(turns).toBeGreaterThan(100)
    turns = 0
    const { text: restored } = await restore(owner, redacted)
    over = true
    expect(restored === text).toBe(true)
    expect(turns).toBeGreaterThan(50)
  })
})
