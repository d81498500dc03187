import { type Client, createClient, Problem } from '@agentgate/api'
import type { Command } from 'commander'
import { refusal } from './refusal.ts'
import { type Output, Trouble } from './output.ts'

export interface Terminal {
  /** `AGENTGATE_URL` and `AGENTGATE_TOKEN`. */
  readonly url: string | undefined
  readonly token: string | undefined
  readonly print: Output
  /** Reads all of standard input: for `-` in place of a file. */
  readonly input?: () => Promise<Uint8Array>
  /** Reads a password: nobody sees it, and it is never an argument. */
  readonly secret?: (asked: string) => Promise<string>
}

/** A command that asks a server. */
export interface Asking<Options, Answer> {
  /** Its name and its arguments: `show <set>`. */
  readonly usage: string
  readonly description: string
  readonly ask: (client: Client, words: readonly string[], options: Options) => Promise<Answer>
  /** Tells the answer to a person; with `--json` it is printed as it is. */
  readonly say: (answer: Answer) => void
  /** Whether the answer is a no: exit code 1, however it is told. */
  readonly no?: (answer: Answer) => boolean
  /** Its options. */
  readonly shape?: (made: Command) => Command
}

/** Adds commands to a noun. `exit` is told 1 when the answer is no. */
export function asking<Options>(noun: Command, { url, token, print }: Terminal, exit: (code: number) => void) {
  return <Answer>({ usage, description, ask, say, no = () => false, shape = (made) => made }: Asking<Options, Answer>): void => {
    const [name = '', ...words] = usage.split(' ')
    const made = noun.command(name).description(description)
    for (const word of words) made.argument(word)
    shape(made)
    made.option('--url <address>', 'where the server is (AGENTGATE_URL)').option('--json', 'print the answer as JSON')
    made.action(async (...given: unknown[]) => {
      const options = made.opts<Options & { readonly url?: string; readonly json?: boolean }>()
      const at = options.url ?? url ?? 'http://127.0.0.1:3000'
      const client = createClient({ url: at.replace(/\/+$/, ''), token: () => token })
      const spoken = given.flatMap((word) => (typeof word === 'string' ? [word] : Array.isArray(word) ? word.map(String) : []))
      const answer = await asked(at, () => ask(client, spoken, options))
      if (options.json) print(JSON.stringify(answer, undefined, 2))
      else say(answer)
      if (no(answer)) exit(1)
    })
  }
}

async function asked<T>(at: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem) throw refusal(error)
    if (error instanceof TypeError) throw new Trouble(`No server answers at \`${at}\`: start it, or name another by \`--url\`.`)
    throw error
  }
}

/** A version as a person types it. */
export function count(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word)
  throw new Trouble(`\`${word}\` is no whole number from 1: give one like \`3\`.`)
}
