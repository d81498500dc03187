import type { Client, WireGrant, WireIssuerKey } from '@agentgate/api'
import { Command } from 'commander'
import { asking, type Terminal } from './commands.ts'
import { issueSigned, keyAt, signerIn } from './issuer-key.ts'
import { table } from './layout.ts'
import { Trouble } from './output.ts'

interface Options {
  readonly holder?: string
  readonly standing?: boolean
  readonly parent?: string
  readonly action?: readonly string[]
  readonly resource?: readonly string[]
  readonly for?: string
  readonly maxCost?: string
  readonly taint?: string
  readonly approval?: boolean
  readonly key?: string
}

/** `agentgate delegations …`: authority that is handed on. */
export function delegationsCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const noun = new Command('delegations').description('hand authority on to agents, look at what was handed on, and take it back')
  const command = asking<Options>(noun, terminal, exit)
  const { print } = terminal

  command({
    usage: 'list',
    description: 'the grants that were issued, newest first',
    ask: async (client, _, { holder, standing }) => {
      const items: WireGrant[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const page: Awaited<ReturnType<Client['delegations']['list']>> = await client.delegations.list({
          query: {
            limit: 200,
            ...(holder !== undefined && { holder }),
            ...(standing && { standing: 'true' as const }),
            ...(cursor !== '' && { cursor }),
          },
        })
        items.push(...page.items)
        cursor = page.next_cursor
      }
      return { items }
    },
    say: ({ items }) => {
      if (items.length === 0) print('no grants')
      tell(items)
    },
    shape: (made) =>
      made
        .option('--holder <principal>', 'only those of one, such as `Agent::<id>`')
        .option('--standing', 'only those that are neither revoked nor over'),
  })
  command({
    usage: 'show <id>',
    description: 'a grant with all that it is handed on from, the first one last',
    ask: (client, [id = '']) => client.delegations.get({ params: { id } }),
    say: ({ chain }) => tell(chain),
  })
  command({
    usage: 'issue <holder>',
    description: 'hand authority on: from then on, its holder acts under grants only',
    ask: async (client, [holder = ''], options) => {
      const signer = options.key === undefined ? undefined : signerIn(options.key)
      const body = {
        holder,
        ...(options.parent !== undefined && { parent: options.parent }),
        allowed_actions: [...(options.action ?? [])],
        resource_scope: [...(options.resource ?? ['*'])],
        constraints: {
          ...(options.maxCost !== undefined && { max_cost: microDollars(options.maxCost) }),
          ...(options.taint !== undefined && { taint: taintOf(options.taint) }),
        },
        obligations: options.approval ? ['approval' as const] : [],
        expires_at: new Date(Date.now() + milliseconds(options.for ?? '1d')).toISOString(),
      }
      return signer ? issueSigned(client, body, signer) : client.delegations.issue({ body })
    },
    say: ({ id, holder, expires_at, issuer_key: key }) =>
      print(`\`${holder}\` holds \`${id}\` until ${expires_at}${key === undefined ? '' : `, signed by your key ${key.slice(0, 16)}…`}`),
    shape: (made) =>
      made
        .option('--parent <id>', 'the grant of your own that you hand on; none for a first one')
        .option(
          '--action <name...>',
          'tools, or effects such as `effect:read`; without any, the holder may do only what others hand on to it',
        )
        .option('--resource <name...>', 'resources, or all below a path such as `/reports/*`; every one unless given')
        .option('--for <time>', 'how long, such as `90m`, `8h` or `30d`; `1d` unless given')
        .option('--max-cost <dollars>', 'what one call may cost, such as `0.50`')
        .option('--taint <level>', 'how little the content of a call may be trusted: `none` or `user`')
        .option('--approval', 'let a person approve each call')
        .option('--key <file>', 'your key, which signs it: needed once you have enrolled one'),
  })
  command<WireIssuerKey & { readonly made: boolean }>({
    usage: 'enrol-key <file>',
    description:
      'sign what you hand on by a key of your own: a PEM file, made if there is none. From then on no grant of yours counts without',
    ask: async (client, [file = '']) => {
      const { signer, made } = keyAt(file)
      return { ...(await client.delegations.enrolKey({ body: { public_key: Buffer.from(signer.key.raw).toString('base64') } })), made }
    },
    say: ({ issuer, key_id, made }) =>
      print(`\`${issuer}\` signs by the key ${key_id}${made ? ', made just now: keep its file, nobody else has it' : ''}`),
  })
  command({
    usage: 'keys',
    description: 'the keys by which issuers sign what they hand on',
    ask: (client) => client.delegations.issuerKeys(),
    say: ({ items }) => {
      if (items.length === 0) print('nobody has a key: the server signs for issuers that it authenticated')
      else
        table(
          print,
          ['issuer', 'key', 'public key'],
          items.map((each) => [each.issuer, each.key_id, each.public_key]),
        )
    },
  })
  command({
    usage: 'remove-key <issuer>',
    description: 'let the server sign alone again for an issuer, whose key is lost or stolen. What it signed stands; it takes a step-up',
    ask: async (client, [issuer = '']) => ({ ...(await client.delegations.removeKey({ params: { issuer } })), issuer }),
    say: ({ issuer }) => print(`the key of \`${issuer}\` is removed: look at what it signed with \`agentgate delegations list\``),
  })
  command<WireGrant>({
    usage: 'revoke <id>',
    description: 'end a grant, and all that was handed on from it, for the next decision on',
    ask: (client, [id = '']) => client.delegations.revoke({ params: { id } }),
    say: ({ id, holder }) => print(`\`${id}\` of \`${holder}\` is revoked, with all that was handed on from it`),
  })
  return noun

  function tell(grants: readonly WireGrant[]): void {
    table(
      print,
      ['id', 'state', 'holder', 'issuer', 'signed by', 'expires', 'actions', 'resources'],
      grants.map((each) => [
        each.id,
        each.state,
        each.holder,
        each.issuer,
        each.state === 'unsigned' ? '-' : each.issuer_key === undefined ? 'server' : 'issuer, server',
        each.expires_at,
        each.allowed_actions.join(',') || '-',
        each.resource_scope.join(','),
      ]),
    )
  }
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

function milliseconds(word: string): number {
  const [, number, unit] = /^([1-9]\d{0,3})([mhd])$/.exec(word) ?? []
  if (number !== undefined) return Number(number) * units[unit as keyof typeof units]
  throw new Trouble(`\`${word}\` is no time: give one like \`90m\`, \`8h\` or \`30d\`.`)
}

function microDollars(word: string): number {
  if (/^\d{1,7}(\.\d{1,6})?$/.test(word)) return Math.round(Number(word) * 1_000_000)
  throw new Trouble(`\`${word}\` is no number of dollars: give one like \`0.50\`.`)
}

function taintOf(word: string): 'none' | 'user' {
  if (word === 'none' || word === 'user') return word
  throw new Trouble(`\`${word}\` is no level of trust that a grant can ask for: give \`none\` or \`user\`.`)
}
