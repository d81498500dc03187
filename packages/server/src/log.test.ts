import { describe, expect, it } from 'vitest'
import { createLog } from './log.ts'

describe('the log', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })
  const said = (write: () => void): Record<string, unknown> => {
    lines.length = 0
    write()
    return JSON.parse(lines[0] ?? '{}') as Record<string, unknown>
  }

  it('says codes, ids, counts and times', () => {
    const line = said(() => log.info({ method: 'GET', url: '/api/traces/:id', statusCode: 200, ms: 1.5 }, 'answered'))
    expect(line).toEqual({
      level: 'info',
      time: line['time'],
      method: 'GET',
      url: '/api/traces/:id',
      statusCode: 200,
      ms: 1.5,
      msg: 'answered',
    })
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
  })

  it('leaves out whatever has another name, and anything that is not plain', () => {
    const line = said(() => log.warn({ input: 'ssn 123-45-6789', email: 'a@b.co', id: { deep: '123-45-6789' }, code: 'x' }, 'odd'))
    expect(line).toMatchObject({ code: 'x', left_out: 3, msg: 'odd' })
    expect(lines[0]).not.toMatch(/123-45|a@b/)
  })

  it('names an error without its message, which may quote what it was given', () => {
    const error = Object.assign(new TypeError('cannot read 123-45-6789'), { code: 'ERR_X' })
    for (const write of [() => log.error(error), () => log.error(error, 'failed'), () => log.error({ err: error }, 'failed')]) {
      expect(said(write)).toMatchObject({ name: 'TypeError', code: 'ERR_X', msg: 'failed' })
      expect(lines[0]).not.toContain('123-45')
    }
  })

  it('keeps what a child is bound to, by the same rule', () => {
    const line = said(() => log.child({ reqId: 'r1', ip: '10.0.0.1' }).info('hello'))
    expect(line).toMatchObject({ reqId: 'r1', msg: 'hello' })
    expect(lines[0]).not.toContain('10.0.0.1')
  })
})
