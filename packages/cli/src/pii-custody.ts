import type { Recognizer } from '@agentgate/api'
import type { Command } from 'commander'
import { asking, type Terminal } from './commands.ts'
import { table } from './layout.ts'
import { Trouble } from './output.ts'
import { counts, typed } from './pii-texts.ts'

interface Options {
  readonly confirm?: string
  readonly type?: string
  readonly kind?: string
  readonly context?: string
  readonly validator?: NonNullable<Recognizer['validator']>
  readonly score?: string
  readonly keep?: string
  readonly usual?: string
}

/** What a vault holds, by which keys and for how long; who saw it; what is found besides; how compliance stands. */
export function addPiiCustody(noun: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = asking<Options>(noun, terminal, exit)
  const { print } = terminal

  command({
    usage: 'stats',
    description: 'count what the vault holds, and what was done',
    ask: (client) => client.pii.stats(),
    say: ({ sessions, subjects, values, operations, integrity_failures: failures }) => {
      print(
        `${sessions} sessions, ${subjects} subjects, ${counts(Object.fromEntries(values.map(({ kind, count }) => [kind, count]))) || 'no values'}`,
      )
      for (const [type, count] of Object.entries(operations)) print(`${type.padEnd(24)} ${count}`)
      print(`integrity failures       ${failures}`)
    },
    no: ({ integrity_failures }) => integrity_failures > 0,
  })
  command({
    usage: 'audit',
    description: 'list events about personal data, newest first',
    ask: (client, _, { type }) => client.pii.audit({ query: { limit: 200, ...(type !== undefined && { type }) } }),
    say: ({ items }) => {
      for (const { at, type, by, details } of items) print(`${at}  ${type.padEnd(22)} ${by}  ${JSON.stringify(details)}`)
    },
    shape: (made) => made.option('--type <name>', 'only events of this type'),
  })
  command({
    usage: 'access-report',
    description: 'say who saw values again, how often, and what for',
    ask: (client) => client.pii.accessReport(),
    say: ({ items }) =>
      table(
        print,
        ['PRINCIPAL', 'RESTORED', 'REVEALED', 'RELEASED', 'VALUES', 'LAST', 'PURPOSES'],
        items.map(({ principal, restored, revealed, released, values, last_at, purposes }) => [
          principal,
          String(restored),
          String(revealed),
          String(released),
          counts(values),
          last_at,
          purposes.join('; '),
        ]),
      ),
  })
  command({
    usage: 'compliance',
    description: 'ask every control of evidence; exit 1 if one fails',
    ask: (client) => client.pii.compliance(),
    say: ({ controls }) => {
      for (const { norm, title, status, query, found } of controls) {
        print(`${status.replace('_', ' ').padEnd(13)} ${norm}: ${title}`)
        print(`${' '.repeat(14)}${found}`)
        print(`${' '.repeat(14)}asked: ${query}`)
      }
    },
    no: ({ controls }) => controls.some(({ status }) => status === 'fail'),
  })
  command({
    usage: 'keys',
    description: 'list the keys of the vault by name',
    ask: (client) => client.pii.keys(),
    say: ({ items }) =>
      table(
        print,
        ['KEY', 'MADE', 'WRAPS', 'STATE'],
        items.map(({ id, made_at, wraps, current }) => [id, made_at, String(wraps), current ? 'current' : 'being replaced']),
      ),
  })
  command({
    usage: 'rotate',
    description: 'make a new key of the vault, and wrap everything anew under it while traffic runs',
    ask: (client, _, { confirm }) => {
      typed(confirm, 'rotate')
      return client.pii.rotateKeys({ body: { confirm: 'rotate' } })
    },
    say: ({ from, to }) => print(`from ${from ?? 'none'} to ${to}`),
    shape: (made) => made.option('--confirm <word>', 'type `rotate`'),
  })
  command({
    usage: 'recognizers',
    description: 'list what is found besides the built-in kinds',
    ask: (client) => client.pii.recognizers(),
    say: ({ items }) =>
      table(
        print,
        ['NAME', 'KIND', 'PATTERN'],
        items.map(({ name, kind, pattern }) => [name, kind, pattern]),
      ),
  })
  command({
    usage: 'add-recognizer <name> <pattern>',
    description: 'find something besides, in every call from then on: a regular expression of linear time',
    ask: (client, [name = '', pattern = ''], { kind = '', context, validator, score }) =>
      client.pii.addRecognizer({
        body: {
          name,
          kind,
          pattern,
          ...(context !== undefined && { context: context.split(',').map((word) => word.trim()) }),
          ...(validator && { validator }),
          ...(score !== undefined && { score: Number(score) }),
        },
      }),
    say: ({ name, kind }) => print(`\`${name}\` finds ${kind}`),
    shape: (made) =>
      made
        .requiredOption('--kind <KIND>', 'names its tokens: `STAFF_NUMBER`')
        .option('--context <words>', 'words nearby, with commas')
        .option('--validator <name>', 'luhn, mod97, aba, npi, nhs or dea')
        .option('--score <number>', 'how sure it is: above 0, at most 1'),
  })
  command({
    usage: 'remove-recognizer <name>',
    description: 'find it no longer',
    ask: (client, [id = '']) => client.pii.removeRecognizer({ params: { id } }),
    say: () => print('removed'),
  })
  command({
    usage: 'retention',
    description: 'say what is kept and until when, or keep a kind for a shorter time',
    ask: async (client, _, { keep, usual }) => {
      const found = await client.pii.retention()
      if (keep === undefined && usual === undefined) return found
      const { [usual ?? '']: _gone, ...kinds } = found.kinds
      return client.pii.setRetention({ body: { kinds: { ...kinds, ...(keep !== undefined && span(keep)) } } })
    },
    say: ({ posture, purged_at: purged }) => {
      table(
        print,
        ['KIND', 'COUNT', 'OLDEST', 'UNTIL', 'STATE'],
        posture.map(({ kind, count, oldest, until, overdue }) => [kind, String(count), oldest, until, overdue ? 'overdue' : 'kept']),
      )
      print(purged === null ? 'not purged since the start' : `last purged ${purged}`)
    },
    no: ({ posture }) => posture.some(({ overdue }) => overdue),
    shape: (made) =>
      made
        .option('--keep <KIND=seconds>', 'keep a kind only so long: `SSN=28800`')
        .option('--usual <KIND>', 'keep a kind as long as its session'),
  })
}

/** `SSN=28800`. */
function span(word: string): { [kind: string]: number } {
  const [, kind, seconds] = /^([A-Z][A-Z0-9_]*)=(\d{2,9})$/.exec(word) ?? []
  if (kind === undefined) throw new Trouble(`\`${word}\` is not a kind and seconds: write it like \`SSN=28800\`.`)
  return { [kind]: Number(seconds) }
}
