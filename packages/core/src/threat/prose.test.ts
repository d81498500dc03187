import { describe, expect, it } from 'vitest'
import { detect } from './detect.ts'
import { payloads } from './payloads.sample.ts'
import { isSentence } from './sentence.ts'
import { ordinarySentences } from './sentences.sample.ts'
import { type Talk, talk } from './talk.sample.ts'

const refused = (text: string) => detect(text, 'prose').some(({ mention }) => !mention)
const bad = Object.values(payloads).flat()

/** Ten thousand different texts at least, of every kind. */
const talks: ReadonlyMap<string, Talk> = new Map([...talk(13_000)].map(([kind, text]) => [text, kind]))

describe('a sentence', () => {
  it.each(["it's fine", "they'll wait", "we don't", 'thanks, all good', 'five words in a row here'])('is %j', (text) =>
    expect(isSentence(text)).toBe(true),
  )
  it.each(['select where having', 'union all select', "x's y's", 'red green', 'or is it', ''])('is not %j', (text) =>
    expect(isSentence(text)).toBe(false),
  )
})

describe('prose mode', () => {
  it('is tried on more than ten thousand different texts of every kind', () => {
    expect(talks.size).toBeGreaterThan(10_000)
    expect(new Set(talks.values()).size).toBe(7)
  })

  it('refuses nothing of ordinary talk, reviews, Markdown, tutorials and manuals', () => {
    expect([...talks.keys()].filter(refused)).toEqual([])
    expect([...talk(3000, 77)].map(([, text]) => text).filter(refused)).toEqual([])
    expect(ordinarySentences().filter(refused)).toEqual([])
  })

  it.each(bad)('refuses a message that is a payload: %s', (text) => expect(refused(text)).toBe(true))

  it('refuses payloads with blanks and lines around them', () => {
    expect(bad.filter((text) => !refused(`\n  ${text}\n`))).toEqual([])
  })

  it.each([
    '<script> tags are dangerous',
    '&lt;script&gt; is escaped',
    'xp_cmdshell is disabled',
    'eval() is evil',
    'document.cookie is not readable with HttpOnly',
    'C:\\Windows\\System32 is full',
  ])('lets pass what is said of something: %s', (text) => {
    expect(refused(text)).toBe(false)
  })

  it('still reports what a sentence, a fence or a query of a tutorial holds', () => {
    for (const text of [
      `What does '; DROP TABLE users; -- do when someone types it?`,
      '```sh\nrm -rf / --no-preserve-root\n```',
      'SELECT name FROM users WHERE id = 7',
    ]) {
      expect(detect(text, 'prose').length).toBeGreaterThan(0)
      expect(refused(text)).toBe(false)
    }
  })

  it('lets a command quoted in an encoded sentence pass with a finding', () => {
    const said = 'We both think that `whoami` is the best name for it'
    const encoded = [...said].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join('')
    expect(detect(encoded, 'prose').length).toBeGreaterThan(0)
    expect(refused(encoded)).toBe(false)
  })

  it.each([
    `SELECT name FROM users WHERE id = 7 OR 1=1`,
    `SELECT name FROM users WHERE name = 'x`,
    'SELECT name FROM users; DROP TABLE users',
    'SELECT passwd FROM pg_shadow',
    'SELECT a FROM b UNION SELECT c FROM d',
    'SELECT @@version FROM dual',
    'SELECT a FROM b WHERE',
    'SELECT count(a FROM b',
    'SELECT a.b) FROM c WHERE (a',
    'SELECT sleep(5) FROM b',
    'SELECT serverproperty FROM b',
    'SELECT name FROM users -- all',
    '-(1) is not unknown UNION select table_name from information_schema.tables limit 1',
    '<script>is.not(alert`1`)</script>',
    '``` rm -rf / --no-preserve-root',
    '```\nls\n```\nrm -rf / --no-preserve-root',
  ])('takes no injected query and nothing outside of a fence for talk: %s', (text) => expect(refused(text)).toBe(true))

  it.each([
    ['Drop table reservations by 5pm', 'drop table reservations cascade'],
    ['drop table seating by the window', 'drop table seating; --'],
    ['Drop database backups to S3 nightly', 'drop database backups'],
    ['alter table seating for 8 people', 'alter table seating add column people int'],
  ])('tells what people do with tables from what SQL does: %s', (said, meant) => {
    expect([refused(said), refused(meant)]).toEqual([false, true])
    // Nobody said that it is prose.
    expect(detect(said, undefined).length).toBeGreaterThan(0)
  })

  it('judges ordinary sentences and letters as harmless even where nothing was declared', () => {
    const plain = [...talks].filter(([, kind]) => kind === 'sentence' || kind === 'letter')
    expect(plain.length).toBeGreaterThan(3000)
    expect(plain.map(([text]) => text).filter((text) => detect(text, undefined).length > 0)).toEqual([])
  })
})
