import { threatState, type WireThreat } from '@agentgate/api'
import { Command } from 'commander'
import { asking, type Terminal } from './commands.ts'
import { table } from './layout.ts'
import { Trouble } from './output.ts'

interface Options {
  readonly state?: string
  readonly hours?: string
}

/** `agentgate threats …`: what may be an attack, and the networks that are refused. */
export function threatsCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const noun = new Command('threats').description('look at what may be an attack, answer it, and refuse networks')
  const command = asking<Options>(noun, terminal, exit)
  const { print } = terminal

  command({
    usage: 'list',
    description: 'the threats that were raised, last seen first',
    ask: (client, _, { state }) => client.threats.list({ query: state === undefined ? {} : { state: stateOf(state) } }),
    say: ({ items }) => {
      if (items.length === 0) print('no threats')
      table(
        print,
        ['id', 'kind', 'severity', 'state', 'count', 'last seen', 'subject'],
        items.map(({ id, kind, severity, state, count, last_at, subject }) => [id, kind, severity, state, `${count}`, last_at, subject]),
      )
    },
    shape: (made) => made.option('--state <state>', `only those that are ${threatState.options.join(', ')}`),
  })

  for (const [verb, description] of [
    ['acknowledge', 'say that somebody looks after a threat'],
    ['resolve', 'close a threat that was real'],
    ['dismiss', 'close a threat that was none'],
  ] as const)
    command<WireThreat>({
      usage: `${verb} <id>`,
      description,
      ask: (client, [id = '']) => client.threats[verb]({ params: { id } }),
      say: ({ id, kind, state }) => print(`\`${id}\` (${kind}) is ${state}`),
    })

  command({
    usage: 'blocklist',
    description: 'the networks that are refused, and until when',
    ask: (client) => client.threats.blocklist(),
    say: ({ items }) => {
      if (items.length === 0) print('no network is blocked')
      table(
        print,
        ['network', 'until', 'why', 'by'],
        items.map(({ network, until, why, by = 'the server' }) => [network, until, why, by]),
      )
    },
  })
  command({
    usage: 'block <address>',
    description: 'refuse every request from the network of an address',
    ask: (client, [address = ''], { hours }) =>
      client.threats.block({ body: { address, ...(hours !== undefined && { hours: hoursOf(hours) }) } }),
    say: ({ network, until }) => print(`\`${network}\` is blocked until ${until}`),
    shape: (made) => made.option('--hours <number>', 'for how long; 1 unless given'),
  })
  command({
    usage: 'unblock <network>',
    description: 'answer a network again',
    ask: async (client, [network = '']) => ({ ...(await client.threats.unblock({ params: { network } })), network }),
    say: ({ network }) => print(`\`${network}\` is answered again`),
  })
  return noun
}

function stateOf(word: string): WireThreat['state'] {
  const state = threatState.safeParse(word)
  if (state.success) return state.data
  throw new Trouble(`\`${word}\` is no state of a threat: give ${threatState.options.join(', ')}.`)
}

function hoursOf(word: string): number {
  const hours = Number(word)
  if (hours >= 0.01 && hours <= 8_760) return hours
  throw new Trouble(`\`${word}\` is no number of hours up to a year: give one like \`2\`.`)
}
