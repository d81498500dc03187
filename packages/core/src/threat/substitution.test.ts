import { describe, expect, it } from 'vitest'
import type { ArgumentKind } from '../call.ts'
import { detect } from './detect.ts'

const refused = (text: string, kind?: ArgumentKind) => detect(text, kind).some(({ mention }) => !mention)

const substitutions = [
  '$(reboot)',
  '$(id)',
  '$( id )',
  '$(\nid)',
  '$(whoami)',
  '$(halt)',
  '$(init 0)',
  '$(shutdown now)',
  '$(sleep 5)',
  '$(kill 1)',
  '$(env)',
  '$(echo hi)',
  '$(cat notes)',
  '$(python 3)',
  '$(node -e x)',
  '$(npm test)',
  '$(sudo reboot)',
  '$("reboot")',
  `$('id')`,
  '$(ls;id)',
  '$(./x)',
  '$(/tmp/x)',
  '<(id)',
  '>(id)',
]
const talks = [
  'hello X',
  'a nice little photo album X',
  'please word word word X',
  'the photo of my cat is X and it is nice',
  'Dear Ann, here is X for you',
  'photo-X.png',
  'photo X',
]

describe('a command that is substituted', () => {
  for (const talk of talks)
    it.each(substitutions)(`${talk}: %j is found where nothing was declared, whatever is said around it`, (substitution) => {
      const text = talk.replace('X', () => substitution)
      expect(detect(text, undefined).length).toBeGreaterThan(0)
    })
  it.each(substitutions)('%j is refused as a message', (substitution) => expect(refused(substitution, 'prose')).toBe(true))
  it.each(substitutions)('%j is a finding in talk', (substitution) => {
    const text = `Why does my script print ${substitution} and not the name?`
    expect(detect(text, 'prose').length).toBeGreaterThan(0)
    expect(refused(text, 'prose')).toBe(false)
  })
  it.each(['hello `id`', 'a nice little photo album `reboot`', 'photo`id`.png'])('in backticks is found as well: %s', (text) =>
    expect(refused(text)).toBe(true),
  )
  it.each(['I would rename `id` to `key` in this file', 'What does `ls` do?'])('is code that a sentence quotes: %s', (text) =>
    expect(detect(text, undefined)).toEqual([]),
  )
  it.each(['$(this)', '$("#id").hide()', '$(document).ready()', '$(CC) -o x', 'costs $(5)', '$(Configuration)|$(Platform)', '$(element)'])(
    'is not what other languages write alike: %s',
    (text) => expect(detect(text, undefined)).toEqual([]),
  )
})
