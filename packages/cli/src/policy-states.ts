import type { MovedVersion } from '@agentgate/api'
import type { Command } from 'commander'
import { asking, count, type Terminal } from './commands.ts'
import { example } from './refusal.ts'

interface Options {
  readonly version?: string
  readonly why?: string
  readonly off?: boolean
}

const because = (made: Command) => made.option('--why <reason>', 'why, for the audit log')
const ofVersion = (made: Command) => made.option('--version <number>', 'the version; the newest unless given')

/** What may become of a set: activate, roll back, lock, delete, and what each would do. */
export function addStates(noun: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = asking<Options>(noun, terminal, exit)
  const { print, secret } = terminal
  const told = (what: string, { newly_allowed: allowed, undecided = [] }: MovedVersion) => {
    print(what)
    if (allowed?.answer === 'unknown') print(`  newly allowed: unknown${allowed.why === undefined ? '' : ` (${allowed.why})`}`)
    for (const each of allowed?.examples ?? []) print(`  newly allowed: ${example(each)}`)
    for (const { set, id, says, why } of undecided) print(`  unknown ${set}/${id}: ${says}${why === undefined ? '' : ` (${why})`}`)
  }

  command({
    usage: 'step-up',
    description: 'prove for some minutes that it is you, by your password on standard input: what may widen access takes it',
    ask: async (client) => client.principals.stepUp({ body: { password: (await secret?.('Password: ')) ?? '' } }),
    say: ({ until }) => print(`stepped up until ${until}`),
  })

  command({
    usage: 'preview <set>',
    description:
      'what activating a version would do: the calls that it newly allows and denies. Changes nothing; exit 1 if it would be refused',
    ask: (client, [id = ''], { version, off }) =>
      client.policies.preview({
        params: { id },
        body: off ? { version: null } : version === undefined ? {} : { version: count(version) },
      }),
    say: (found) => {
      const named = (version: number | null) => (version === null ? 'nothing' : `version ${version}`)
      print(`\`${found.id}\`: from ${named(found.from)} to ${named(found.to)}`)
      print(
        `${found.added.length} ${found.added.length === 1 ? 'policy' : 'policies'} added, ${found.removed.length} removed, ${found.changed.length} changed`,
      )
      if (found.denies_all) print('  no policy set would be active: every call is denied')
      for (const [name, { answer, examples, why }] of [
        ['newly allowed', found.newly_allowed],
        ['newly denied', found.newly_denied],
      ] as const) {
        print(
          `${name}: ${answer === 'holds' ? 'nothing' : answer === 'unknown' ? `unknown${why === undefined ? '' : ` (${why})`}` : ''}`.trimEnd(),
        )
        for (const each of examples) print(`  ${example(each)}`)
      }
      for (const { answer, set, id, says } of found.invariants) print(`${answer.padEnd(9)} ${set}/${id}: ${says}`)
      if (found.step_up) print('It takes a step-up (`agentgate policies step-up`):')
      for (const each of found.widened_by) print(`  ${each}`)
      if (found.refused) print(`It would be refused, ${found.refused.code}: ${found.refused.message}`)
    },
    no: ({ refused }) => refused !== null,
    shape: (made) => ofVersion(made).option('--off', 'what deactivating the set would do'),
  })

  command({
    usage: 'activate <set>',
    description: 'let a version decide',
    ask: (client, [id = ''], { version, why = '' }) =>
      client.policies.activate({ params: { id }, body: { why, ...(version !== undefined && { version: count(version) }) } }),
    say: (set) => told(`\`${set.id}\` version ${set.version} is active`, set),
    shape: (made) => ofVersion(because(made)),
  })
  command({
    usage: 'deactivate <set>',
    description: 'let no version of a set decide',
    ask: (client, [id = ''], { why = '' }) => client.policies.deactivate({ params: { id }, body: { why } }),
    say: (set) => told(`\`${set.id}\` is inactive; version ${set.version} was active`, set),
    shape: because,
  })
  command({
    usage: 'rollback <set>',
    description: 'activate the version that was active before',
    ask: (client, [id = ''], { version, why = '' }) =>
      client.policies.rollback({ params: { id }, body: { why, ...(version !== undefined && { version: count(version) }) } }),
    say: (set) => told(`\`${set.id}\` version ${set.version} is active`, set),
    shape: (made) => because(made).option('--version <number>', 'the version; the one that was active before unless given'),
  })
  for (const verb of ['lock', 'unlock'] as const) {
    command({
      usage: `${verb} <set>`,
      description: verb === 'lock' ? 'let nobody change what is active until it is unlocked' : 'let it be changed again',
      ask: (client, [id = ''], { why = '' }) => client.policies[verb]({ params: { id }, body: { why } }),
      say: (set) => print(`\`${set.id}\` is ${set.state}, ${set.locked ? 'locked' : 'not locked'}`),
      shape: because,
    })
  }
  command({
    usage: 'delete <set>',
    description: 'leave a tombstone: its history stays, its name is not given again',
    ask: (client, [id = ''], { why }) => client.policies.remove({ params: { id }, query: why === undefined ? {} : { why } }),
    say: (set) => print(`\`${set.id}\` is deleted`),
    shape: because,
  })
}
