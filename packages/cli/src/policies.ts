import { readFile } from 'node:fs/promises'
import { type Client, createClient, type ExampleCall, type PolicyForm, Problem } from '@agentgate/api'
import { Command } from 'commander'
import { caret, type Place, table } from './layout.ts'
import { type Output, Trouble } from './output.ts'

export interface Terminal {
  /** `AGENTGATE_URL` and `AGENTGATE_TOKEN`. */
  readonly url: string | undefined
  readonly token: string | undefined
  readonly print: Output
  /** Reads all of standard input: for `-` in place of a file. */
  readonly input?: () => Promise<string>
  /** Reads a password: nobody sees it, and it is never an argument. */
  readonly secret?: (asked: string) => Promise<string>
}

interface Common {
  readonly url?: string
  readonly json?: boolean
}

/** `agentgate policies …`: policy sets of a server. `exit` is told 1 when the answer is no. */
export function policiesCommand({ url, token, print, input, secret }: Terminal, exit: (code: number) => void): Command {
  const program = new Command('policies').description('write, publish, activate and question the policy sets of a server')

  /** A command that asks a server. What it returns is printed as JSON with `--json`, and is otherwise told by `say`. */
  function command<Answer>(
    usage: string,
    description: string,
    ask: (client: Client, words: readonly string[], options: Options) => Promise<Answer>,
    say: (answer: Answer) => void,
    shape: (made: Command) => Command = (made) => made,
  ): void {
    const [name = '', ...words] = usage.split(' ')
    const made = program.command(name).description(description)
    for (const word of words) made.argument(word)
    made.option('--url <address>', 'where the server is (AGENTGATE_URL)').option('--json', 'print the answer as JSON')
    shape(made).action(async (...given: unknown[]) => {
      const options = made.opts<Options & Common>()
      const at = options.url ?? url ?? 'http://127.0.0.1:3000'
      const client = createClient({ url: at.replace(/\/+$/, ''), token: () => token })
      const answer = await asked(at, () =>
        ask(
          client,
          given.filter((word) => typeof word === 'string'),
          options,
        ),
      )
      if (options.json) print(JSON.stringify(answer, undefined, 2))
      else say(answer)
    })
  }

  async function asked<T>(at: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Problem) throw await refusal(error)
      if (error instanceof TypeError) throw new Trouble(`No server answers at \`${at}\`: start it, or name another by \`--url\`.`)
      throw error
    }
  }

  const because = (made: Command) => made.option('--why <reason>', 'why, for the audit log')
  const ofVersion = (made: Command) => made.option('--version <number>', 'the version; the newest unless given')
  const which = (made: Command) => ofVersion(made).option('--draft', 'the draft in place of a version')

  command(
    'step-up',
    'prove for some minutes that it is you, by your password on standard input: what may widen access takes it',
    async (client) => client.principals.stepUp({ body: { password: (await secret?.('Password: ')) ?? '' } }),
    ({ until }) => print(`stepped up until ${until}`),
  )

  command(
    'list',
    'every policy set, and how it stands',
    (client, _, { deleted }) => client.policies.list({ query: deleted ? { deleted: 'true' } : {} }),
    ({ items }) =>
      table(
        print,
        ['set', 'state', 'active', 'versions', 'draft', 'published', 'digest'],
        items.map((set) => [
          set.id,
          set.locked ? `${set.state}, locked` : set.state,
          set.active_version === null ? '-' : `v${set.active_version}`,
          `${set.versions}`,
          set.draft ? `r${set.draft.revision}` : '-',
          set.published_at?.slice(0, 16).replace('T', ' ') ?? '-',
          set.digest?.slice(0, 12) ?? '-',
        ]),
      ),
    (made) => made.option('--deleted', 'deleted ones too'),
  )

  command(
    'show <set>',
    'the text of a version: the active one unless given',
    (client, [id = ''], { version }) =>
      client.policies.get({ params: { id }, query: version === undefined ? {} : { version: count(version) } }),
    (set) => {
      print(`// ${set.id} version ${set.version}${set.active ? ', active' : ''}, ${set.digest}`)
      print(set.text.trimEnd())
      if (set.invariants !== undefined) print(`\n// invariants\n${set.invariants.trimEnd()}`)
    },
    ofVersion,
  )

  const invariantsOption = (made: Command) => made.option('--invariants <file>', 'Cedar with `@invariant` annotations')

  command(
    'validate <file>',
    'check a file (.cedar, or rules as .json) against the tools of the server',
    async (client, [file = ''], { invariants }) => {
      const [policy, stated] = [await formOf(file), await maybe(invariants)]
      const found = await client.policies.validate({ body: { policy, ...(stated !== undefined && { invariants: stated }) } })
      return { ...found, written: 'text' in policy ? policy.text : undefined, stated }
    },
    ({ valid, diagnostics, policies, written, stated }) => {
      for (const { in: part, ...each } of diagnostics) for (const line of caret(each, part === 'invariants' ? stated : written)) print(line)
      print(valid ? `valid: ${policies} ${policies === 1 ? 'policy' : 'policies'}` : `invalid: ${diagnostics.length} found`)
      if (!valid) exit(1)
    },
    invariantsOption,
  )

  command(
    'publish <set> [file]',
    'publish a file as the next version of a set, or without a file the draft',
    async (client, [id = '', file], { invariants, why = '' }) => {
      if (file === undefined) return client.policies.publish({ params: { id }, body: { why } })
      const stated = await maybe(invariants)
      const policy = await formOf(file)
      return client.policies
        .create({ body: { id, policy, ...(stated !== undefined && { invariants: stated }), why } })
        .catch((error: unknown) => {
          throw error instanceof Problem ? refusedText(error, 'text' in policy ? policy.text : undefined) : error
        })
    },
    (set) => print(`published \`${set.id}\` version ${set.version}, ${set.digest}`),
    (made) => invariantsOption(because(made)),
  )

  command(
    'activate <set>',
    'let a version decide',
    (client, [id = ''], { version, why = '' }) =>
      client.policies.activate({ params: { id }, body: { why, ...(version !== undefined && { version: count(version) }) } }),
    (set) => print(`\`${set.id}\` version ${set.version} is active`),
    (made) => ofVersion(because(made)),
  )
  command(
    'deactivate <set>',
    'let no version of a set decide',
    (client, [id = ''], { why = '' }) => client.policies.deactivate({ params: { id }, body: { why } }),
    (set) => print(`\`${set.id}\` is inactive; version ${set.version} was active`),
    because,
  )
  command(
    'rollback <set>',
    'activate the version that was active before',
    (client, [id = ''], { version, why = '' }) =>
      client.policies.rollback({ params: { id }, body: { why, ...(version !== undefined && { version: count(version) }) } }),
    (set) => print(`\`${set.id}\` version ${set.version} is active`),
    (made) => ofVersion(because(made)),
  )
  for (const verb of ['lock', 'unlock'] as const) {
    command(
      `${verb} <set>`,
      verb === 'lock' ? 'let nobody change what is active until it is unlocked' : 'let it be changed again',
      (client, [id = ''], { why = '' }) => client.policies[verb]({ params: { id }, body: { why } }),
      (set) => print(`\`${set.id}\` is ${set.state}, ${set.locked ? 'locked' : 'not locked'}`),
      because,
    )
  }
  command(
    'delete <set>',
    'leave a tombstone: its history stays, its name is not given again',
    (client, [id = ''], { why }) => client.policies.remove({ params: { id }, query: why === undefined ? {} : { why } }),
    (set) => print(`\`${set.id}\` is deleted`),
    because,
  )

  command(
    'diff <set> <from> [to]',
    'what two versions differ in; without `to`, the draft or the newest version',
    (client, [id = '', from = '', to]) =>
      client.policies.diff({ params: { id }, query: { from: count(from), ...(to !== undefined && { to: count(to) }) } }),
    ({ added, removed, changed }) => {
      const all = [
        ...removed.map(({ text }) => ['-', text]),
        ...changed.flatMap(({ before, after }) => [
          ['-', before.text],
          ['+', after.text],
        ]),
        ...added.map(({ text }) => ['+', text]),
      ]
      for (const [sign, text = ''] of all) for (const line of text.split('\n')) print(`${sign} ${line}`)
      if (all.length === 0) print('no difference')
    },
  )

  command(
    'evaluate <request>',
    'judge an example call: JSON with principal, action, resource, context; exit 1 unless it is allowed',
    async (client, [file = ''], { set, version, draft }) => {
      const call = json(await text(file), file)
      return client.policies.evaluate({
        body: {
          ...call,
          ...(set !== undefined && { policy_set_id: set }),
          ...(version !== undefined && { version: count(version) }),
          ...(draft && { draft }),
        } as Parameters<Client['policies']['evaluate']>[0]['body'],
      })
    },
    ({ verdict, reason, determining, obligations }) => {
      print(verdict)
      if (reason) print(`  ${reason.code}: ${reason.message}`)
      for (const name of determining) print(`  by ${name}`)
      for (const { name, value, policy } of obligations) print(`  owes ${name} ${value} (${policy})`)
      if (verdict !== 'allow') exit(1)
    },
    (made) => which(made.option('--set <set>', 'by this set alone; by all that is active unless given')),
  )

  command(
    'replay <set>',
    'judge recorded calls again by a version or draft',
    (client, [id = ''], { version, draft, limit }) =>
      client.policies.replay({
        params: { id },
        body: { ...picked(version, draft), ...(limit !== undefined && { limit: count(limit) }) },
      }),
    (found) => {
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
    (made) => which(made).option('--limit <number>', 'how many calls, at most 2,000'),
  )

  command(
    'analyze <set>',
    'ask the solver about all calls; exit 1 when something is violated',
    (client, [id = ''], { version, draft, against, atMost }) =>
      client.policies.analyze({
        params: { id },
        body: {
          ...picked(version, draft),
          questions: [
            'invariants',
            'findings',
            ...(against === undefined ? [] : (['difference'] as const)),
            ...(atMost ? (['at_most'] as const) : []),
          ],
          ...(against !== undefined && { against: /^\d+$/.test(against) ? { version: count(against) } : { id: against } }),
        },
      }),
    ({ invariants = [], findings, difference, at_most: atMost, ms }) => {
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
      if (invariants.some(({ answer }) => answer === 'violated') || atMost?.answer === 'violated') exit(1)
    },
    (made) => which(made).option('--against <version|set>', 'compare with it').option('--at-most', 'ask whether it allows at most as much'),
  )
  return program

  async function text(file: string): Promise<string> {
    if (file === '-' && input) return input()
    try {
      return await readFile(file, 'utf8')
    } catch {
      throw new Trouble(`\`${file}\` cannot be read: name a file, or \`-\` for standard input.`)
    }
  }

  async function maybe(file: string | undefined): Promise<string | undefined> {
    return file === undefined ? undefined : text(file)
  }

  /** `.json` holds quick or conditioned rules, by what is in it; anything else is Cedar. */
  async function formOf(file: string): Promise<PolicyForm> {
    const read = await text(file)
    if (!file.endsWith('.json')) return { text: read }
    const rules = json(read, file)
    return 'rules' in rules ? { conditioned: rules } : { quick: rules }
  }
}

interface Options {
  readonly version?: string
  readonly draft?: boolean
  readonly why?: string
  readonly deleted?: boolean
  readonly invariants?: string
  readonly set?: string
  readonly limit?: string
  readonly against?: string
  readonly atMost?: boolean
}

function picked(version: string | undefined, draft: boolean | undefined) {
  return { ...(version !== undefined && { version: count(version) }), ...(draft && { draft }) }
}

function count(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word)
  throw new Trouble(`\`${word}\` is no number of a version: give one like \`3\`.`)
}

function json(text: string, file: string): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // It is told below.
  }
  throw new Trouble(`\`${file}\` holds no JSON object.`)
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

function example({ principal, action, resource, context }: ExampleCall): string {
  const roles = principal.roles.length > 0 ? ` in ${principal.roles.join(', ')}` : ''
  return `${principal.id}${roles} ${action} ${resource} ${JSON.stringify(context)}`
}

/** A refused text, with each mistake at its place. */
function refusedText({ code, body }: Problem, written: string | undefined): Error {
  const lines = (body.errors ?? []).flatMap((each) => caret(each as Place, each.path === '/policy' ? written : undefined))
  return new Trouble([`${code}: ${body.detail}`, ...lines].join('\n'))
}

async function refusal({ code, body }: Problem): Promise<Error> {
  const lines = [
    ...(body.errors ?? []).flatMap((each) => caret(each as Place, undefined)),
    ...(body.widened_by ?? []).map((each) => `  ${each}`),
    ...(body.newly_allowed ?? []).map((each) => `  newly allowed: ${example(each)}`),
    ...(code === 'step-up-required' ? ['  Run `agentgate policies step-up`, then this again.'] : []),
    ...(body.invariants ?? []).flatMap((each) => (each.counterexample ? [`  ${each.says}: ${example(each.counterexample)}`] : [])),
  ]
  return new Trouble([`${code}: ${body.detail}`, ...lines].join('\n'))
}
