import type { Client } from '@agentgate/api'
import type { Command } from 'commander'
import { asking, count, type Terminal } from './commands.ts'
import { table } from './layout.ts'
import { policyInput } from './policy-input.ts'
import { example } from './refusal.ts'

interface Options {
  readonly version?: string
  readonly draft?: boolean
  readonly set?: string
  readonly limit?: string
  readonly against?: string
  readonly atMost?: boolean
}

const which = (made: Command) =>
  made.option('--version <number>', 'the version; the newest unless given').option('--draft', 'the draft in place of a version')

/** What may be asked of a set: one call, the recorded calls, all calls. */
export function addQuestions(noun: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = asking<Options>(noun, terminal, exit)
  const { print } = terminal
  const { object } = policyInput(terminal)

  command({
    usage: 'evaluate <request>',
    description: 'judge an example call: JSON with principal, action, resource, context; exit 1 unless it is allowed',
    ask: async (client, [file = ''], { set, ...asked }) => {
      const call = await object(file)
      return client.policies.evaluate({
        body: { ...call, ...(set !== undefined && { policy_set_id: set }), ...picked(asked) } as Parameters<
          Client['policies']['evaluate']
        >[0]['body'],
      })
    },
    say: ({ verdict, reason, determining, obligations }) => {
      print(verdict)
      if (reason) print(`  ${reason.code}: ${reason.message}`)
      for (const name of determining) print(`  by ${name}`)
      for (const { name, value, policy } of obligations) print(`  owes ${name} ${value} (${policy})`)
    },
    no: ({ verdict }) => verdict !== 'allow',
    shape: (made) => which(made.option('--set <set>', 'by this set alone; by all that is active unless given')),
  })

  command({
    usage: 'replay <set>',
    description: 'judge recorded calls again by a version or draft',
    ask: (client, [id = ''], { limit, ...asked }) =>
      client.policies.replay({ params: { id }, body: { ...picked(asked), ...(limit !== undefined && { limit: count(limit) }) } }),
    say: (found) => {
      print(
        `${found.calls} calls: ${found.newly_denied} newly denied, ${found.newly_allowed} newly allowed, ${found.otherwise} otherwise, ${found.unfit} unfit`,
      )
      const rows = (tallies: typeof found.by_tool) =>
        tallies.map((each) => [each.name, `${each.calls}`, `${each.newly_denied}`, `${each.newly_allowed}`])
      table(print, ['tool', 'calls', 'denied', 'allowed'], rows(found.by_tool))
      table(print, ['agent', 'calls', 'denied', 'allowed'], rows(found.by_agent))
      table(
        print,
        ['call', 'tool', 'resource', 'before', 'after', 'by'],
        found.changed.map((call) => [call.id, call.tool, call.resource, call.before, call.after, call.determining.join(' ')]),
      )
    },
    shape: (made) => which(made).option('--limit <number>', 'how many calls, at most 2,000'),
  })

  command({
    usage: 'analyze <set>',
    description: 'ask the solver about all calls; exit 1 when something is violated',
    ask: (client, [id = ''], { against, atMost, ...asked }) =>
      client.policies.analyze({
        params: { id },
        body: {
          ...picked(asked),
          questions: [
            'invariants',
            'findings',
            ...(against === undefined ? [] : (['difference'] as const)),
            ...(atMost ? (['at_most'] as const) : []),
          ],
          ...(against !== undefined && { against: /^\d+$/.test(against) ? { version: count(against) } : { id: against } }),
        },
      }),
    say: ({ invariants = [], findings, difference, at_most: atMost, ms }) => {
      for (const each of invariants) {
        print(`${each.answer.padEnd(9)} ${each.id}: ${each.says}${unknown(each)}`)
        if (each.counterexample) print(`          ${example(each.counterexample)}`)
      }
      for (const { policy, kind, by } of findings?.found ?? [])
        print(`${kind.padEnd(9)} ${policy}${by.length > 0 ? ` (by ${by.join(', ')})` : ''}`)
      for (const each of findings?.unknown ?? []) print(`unknown   ${each.policy}${unknown(each)}`)
      for (const [name, found] of [
        ['newly allowed', difference?.newly_allowed],
        ['newly denied', difference?.newly_denied],
      ] as const) {
        if (!found) continue
        print(`${name}: ${found.answer === 'holds' ? 'nothing' : found.answer === 'unknown' ? `unknown${unknown(found)}` : ''}`)
        for (const each of found.examples) print(`  ${example(each)}`)
      }
      if (atMost)
        print(
          `at most as permissive: ${atMost.answer === 'holds' ? 'yes' : atMost.answer === 'violated' ? 'no' : `unknown${unknown(atMost)}`}`,
        )
      if (atMost?.counterexample) print(`  ${example(atMost.counterexample)}`)
      print(`${invariants.length} invariants, ${findings?.found.length ?? 0} findings, ${ms} ms`)
    },
    no: ({ invariants = [], at_most: atMost }) => invariants.some(({ answer }) => answer === 'violated') || atMost?.answer === 'violated',
    shape: (made) =>
      which(made).option('--against <version|set>', 'compare with it').option('--at-most', 'ask whether it allows at most as much'),
  })
}

function picked({ version, draft }: Pick<Options, 'version' | 'draft'>) {
  return { ...(version !== undefined && { version: count(version) }), ...(draft && { draft }) }
}

function unknown({
  answer,
  why,
  unsupported = [],
}: {
  readonly answer: string
  readonly why?: string | undefined
  readonly unsupported?: readonly string[] | undefined
}): string {
  if (answer !== 'unknown') return ''
  return ` (${[why, ...unsupported].filter((each) => each !== undefined).join('; ')})`
}
