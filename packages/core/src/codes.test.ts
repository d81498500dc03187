import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { reasonCodes } from './codes.ts'
import { GateError, type GateErrorCode, gateErrorCodes } from './errors.ts'

const isTest = (file: string) => /\.(test|contract|sample)\.tsx?$/.test(file)
const files = [...globSync('packages/*/src/**/*.ts'), ...globSync('examples/*.ts')].filter(
  (file) => !file.endsWith('/codes.ts') && !file.endsWith('/core/src/errors.ts'),
)
const texts = (wanted: (file: string) => boolean) => files.filter(wanted).map((file) => readFileSync(file, 'utf8'))

describe('the codes of reasons', () => {
  it('are documented, each that is refused with', () => {
    const used = texts((file) => !isTest(file)).flatMap((text) =>
      [...text.matchAll(/\b(?:refusal|keptBack)\(\s*'([^']+)'/g)].map(([, code]) => code),
    )
    expect(used.length).toBeGreaterThan(15)
    expect([...new Set(used)].filter((code) => code === undefined || !Object.hasOwn(reasonCodes, code))).toEqual([])
  })

  it.each(Object.keys(reasonCodes))('`%s` is in use, and in a test', (code) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    const says = (text: string) => text.includes(`'${code}'`)
    expect(texts((file) => !isTest(file) && !file.includes('/dashboard/')).some(says), 'in use').toBe(true)
    expect(texts((file) => isTest(file) && !file.includes('codes.test')).some(says), 'in a test').toBe(true)
  })
})

describe('the codes of gate errors', () => {
  it.each(Object.keys(gateErrorCodes) as GateErrorCode[])('`%s` is thrown, in a test, and says what to do next', (code) => {
    expect(new GateError(code, '').help).toMatch(/: [a-z].*\.$/)
    const thrown = new RegExp(String.raw`new GateError\(\s*'${code}'`)
    expect(
      texts((file) => !isTest(file)).some((text) => thrown.test(text)),
      'thrown',
    ).toBe(true)
    expect(
      texts((file) => isTest(file) && !file.includes('codes.test')).some((text) => text.includes(`'${code}'`)),
      'in a test',
    ).toBe(true)
  })
})
