import { honeyLevel, threatState, type WireThreat } from '@agentgate/api'
import { Command } from 'commander'
import { asking, type Terminal } from './commands.ts'
import { table } from './layout.ts'
import { Trouble } from './output.ts'

interface Options {
  readonly state?: string
  readonly hours?: string
  readonly level?: string
  readonly prefix?: string
}

/** `agentgate threats …`: what may be an attack, and who is blocked. */
export function threatsCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const noun = new Command('threats').description('look at what may be an attack, answer it, and block networks and principals')
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

  command({
    usage: 'show <id>',
    description: 'one threat: when it was seen, by which decisions, and who moved it on',
    ask: (client, [id = '']) => client.threats.get({ params: { id } }),
    say: ({ id, kind, severity, state, count, subject, steps }) => {
      print(`\`${id}\` (${kind}, ${severity}) is ${state}: seen ${count === 1 ? 'once' : `${count} times`}, ${subject}`)
      table(
        print,
        ['at', 'what', 'by'],
        steps.map((step) => ('to' in step ? [step.at, step.to, step.by] : [step.at, 'seen', step.decision_id ?? '-'])),
      )
    },
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
    description: 'the networks and principals that are blocked, and until when',
    ask: (client) => client.threats.blocklist(),
    say: ({ items }) => {
      if (items.length === 0) print('nothing is blocked')
      table(
        print,
        ['subject', 'until', 'why', 'by'],
        items.map(({ subject, until, why, by = 'the server' }) => [subject, until, why, by]),
      )
    },
  })
  command({
    usage: 'block <subject>',
    description: 'refuse every request from the network of an address, or every call of a principal',
    ask: (client, [subject = ''], { hours }) =>
      client.threats.block({
        body: {
          ...(isPrincipal(subject) ? { principal: subject } : { address: subject.replace(/^network:/, '') }),
          ...(hours !== undefined && { hours: hoursOf(hours) }),
        },
      }),
    say: ({ subject, until }) => print(`\`${subject}\` is blocked until ${until}`),
    shape: (made) => made.option('--hours <number>', 'for how long; 1 unless given'),
  })
  command({
    usage: 'unblock <subject>',
    description: 'answer a network or a principal again',
    ask: async (client, [given = '']) => {
      const subject = isPrincipal(given) || given.startsWith('network:') ? given : `network:${given}`
      return { ...(await client.threats.unblock({ params: { subject } })), subject }
    },
    say: ({ subject }) => print(`\`${subject}\` is answered again`),
  })

  command({
    usage: 'taints <principal>',
    description: 'what has entered the sessions of a principal, which policies see as `context.taint`',
    ask: (client, [principal = '']) => client.threats.taints({ query: { principal, limit: 200 } }),
    say: ({ items, next_cursor }) => {
      if (items.length === 0) print('nothing has entered its sessions')
      table(
        print,
        ['session', 'taint'],
        items.map(({ session_id = '(none named)', taint }) => [session_id, taint]),
      )
      if (next_cursor !== undefined) print('and more')
    },
  })
  command({
    usage: 'reset-taint <principal> [session]',
    description: 'trust a session again, once you have looked at what entered it; without a session, the calls that named none',
    ask: async (client, [principal = '', session]) => ({
      ...(await client.threats.resetTaint({ body: { principal, ...(session !== undefined && { session_id: session }) } })),
      principal,
    }),
    say: ({ principal, session_id, taint }) =>
      print(
        `what \`${principal}\` does in ${session_id === undefined ? 'no session' : `\`${session_id}\``} is trusted again: it was \`${taint}\``,
      ),
  })

  command({
    usage: 'honey-tokens',
    description: 'the values that are planted for intruders, and how often calls carried them',
    ask: (client) => client.threats.honeyTokens(),
    say: ({ items }) => {
      if (items.length === 0) print('no honey token is planted')
      table(
        print,
        ['id', 'level', 'state', 'touches', 'last touched', 'name'],
        items.map(({ id, level, state, touches, touched_at = '-', name }) => [id, level, state, `${touches}`, touched_at, name]),
      )
    },
  })
  command({
    usage: 'plant <name>',
    description: 'make a honey token, and show its value this once',
    ask: (client, [name = ''], { level, prefix }) =>
      client.threats.plantHoneyToken({
        body: { name, ...(level !== undefined && { level: levelOf(level) }), ...(prefix !== undefined && { prefix }) },
      }),
    say: ({ value, honey_token: { id, level } }) => {
      print(value)
      print(`\`${id}\` is planted: whoever touches it is answered by \`${level}\`; its value is not shown again`)
    },
    shape: (made) =>
      made
        .option('--level <level>', `what becomes of whoever touches it, ${honeyLevel.options.join(', ')}; alert unless given`)
        .option('--prefix <text>', 'what its value begins with, such as `sk_live_`'),
  })
  command({
    usage: 'retire <id>',
    description: 'look for a honey token no more',
    ask: async (client, [id = '']) => ({ ...(await client.threats.retireHoneyToken({ params: { id } })), id }),
    say: ({ id }) => print(`\`${id}\` is not looked for any more`),
  })
  return noun
}

function stateOf(word: string): WireThreat['state'] {
  const state = threatState.safeParse(word)
  if (state.success) return state.data
  throw new Trouble(`\`${word}\` is no state of a threat: give ${threatState.options.join(', ')}.`)
}

function levelOf(word: string): (typeof honeyLevel.options)[number] {
  const level = honeyLevel.safeParse(word)
  if (level.success) return level.data
  throw new Trouble(`\`${word}\` is no level of a honey token: give ${honeyLevel.options.join(', ')}.`)
}

/** `Agent::…`, `User::…`: no address begins with a word and two colons. */
function isPrincipal(word: string): boolean {
  return /^(Agent|User)::/.test(word)
}

function hoursOf(word: string): number {
  const hours = Number(word)
  if (hours >= 0.01 && hours <= 8_760) return hours
  throw new Trouble(`\`${word}\` is no number of hours up to a year: give one like \`2\`.`)
}
