import type { Client } from '@agentgate/api'
import { Command } from 'commander'
import { asking, type Terminal } from './commands.ts'
import { table } from './layout.ts'
import { policyInput } from './policy-input.ts'

interface Options {
  readonly principal?: string
  readonly risk?: string
  readonly policy?: string
}

type Body = Parameters<Client['plans']['verify']>[0]['body']

/** `agentgate plans …`: what would become of calls before any of them is made. */
export function plansCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const noun = new Command('plans').description('ask what would become of calls before any of them is made')
  const command = asking<Options>(noun, terminal, exit)
  const { print } = terminal
  const { object, form } = policyInput(terminal)

  command({
    usage: 'verify <plan>',
    description: 'decide the steps of a plan in order: JSON with `steps` of action, resource, input; exit 1 unless it is safe',
    ask: async (client, [file = ''], { principal, risk, policy }) => {
      const plan = await object(file)
      const more = {
        ...(principal !== undefined && { principal }),
        ...(risk !== undefined && { risk }),
        ...(policy !== undefined && { policy: await form(policy) }),
      }
      return client.plans.verify({ body: { ...plan, ...more } as Body })
    },
    say: ({ safe, inconclusive, evaluated_steps: evaluated, blocked_step_index: at, blocked_reason: why, trace, bound }) => {
      table(
        print,
        ['step', 'action', 'resource', 'verdict', 'solver'],
        trace.map((each, index) => [`${index}`, each.action, each.resource, each.verdict, each.solver]),
      )
      if (safe) print(`safe: each of ${evaluated} steps would be allowed`)
      else if (inconclusive) print(`inconclusive: only ${bound} steps are looked at; for more, split the plan or give a higher --risk`)
      else print(`blocked at step ${at}: ${why}`)
    },
    no: ({ safe }) => !safe,
    shape: (made) =>
      made
        .option('--principal <id>', 'whose plan it is; your own unless given')
        .option('--risk <risk>', 'low, medium, high or critical: 5, 10, 20 or 30 steps are looked at')
        .option('--policy <file>', 'judge by this policy in place of what is active'),
  })
  return noun
}
