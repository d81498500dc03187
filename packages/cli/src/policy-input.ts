import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileProblem, formOfRules, parseExactly, type PolicyFile, type PolicyForm, readText } from '@agentgate/api'
import type { Terminal } from './commands.ts'
import { Trouble } from './output.ts'

/** Reads what a person names at the terminal. Whatever cannot be read, or is not UTF-8, is `Trouble`. */
export interface PolicyInput {
  readonly text: (file: string) => Promise<string>
  readonly maybe: (file: string | undefined) => Promise<string | undefined>
  readonly object: (file: string) => Promise<{ readonly [name: string]: unknown }>
  /** `.json` holds quick or conditioned rules, by what is in it; anything else is Cedar. */
  readonly form: (file: string) => Promise<PolicyForm>
  /** The same, with what the file says. */
  readonly written: (file: string) => Promise<{ readonly policy: PolicyForm; readonly text: string }>
  /** Files, and the `.cedar` and `.json` files of folders. */
  readonly files: (paths: readonly string[]) => Promise<readonly PolicyFile[]>
}

export function policyInput({ input }: Pick<Terminal, 'input'>): PolicyInput {
  async function bytes(file: string): Promise<Uint8Array> {
    if (file === '-' && input) return input()
    try {
      return await readFile(file)
    } catch {
      throw new Trouble(`\`${file}\` cannot be read: name a file, or \`-\` for standard input.`)
    }
  }

  async function text(file: string): Promise<string> {
    const read = readText(await bytes(file))
    if ('text' in read) return read.text
    throw new Trouble(`\`${file}\` is not UTF-8 from line ${read.line}, column ${read.column} on: save it as UTF-8.`)
  }

  const object = async (file: string) => objectIn(file, await text(file))

  function objectIn(file: string, said: string): { readonly [name: string]: unknown } {
    try {
      const value = parseExactly(said)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
    } catch {
      // It is told below.
    }
    throw new Trouble(`\`${file}\` holds no JSON object.`)
  }

  async function written(file: string) {
    const said = await text(file)
    return { policy: file.endsWith('.json') ? formOfRules(objectIn(file, said)) : { text: said }, text: said }
  }

  return {
    text,
    object,
    maybe: async (file) => (file === undefined ? undefined : text(file)),
    form: async (file) => (await written(file)).policy,
    written,
    async files(paths) {
      const names = (await Promise.all(paths.map(named))).flat()
      return Promise.all(names.map(async (name) => ({ name, bytes: await bytes(name) })))
    },
  }
}

async function named(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => {
    throw new Trouble(`\`${path}\` cannot be read: name a file or a folder.`)
  })
  if (!found.isDirectory()) return [path]
  const inside = (await readdir(path)).filter((name) => name.endsWith('.cedar') || name.endsWith('.json')).toSorted()
  if (inside.length === 0) throw new Trouble(`The folder \`${path}\` holds no \`.cedar\` and no \`.json\` file.`)
  return inside.map((name) => join(path, name))
}

/** `payments.cedar:2:8 …` */
export function saidOf({ file, line, column, message }: FileProblem): string {
  return `${file}${line === undefined ? '' : `:${line}:${column ?? 1}`} ${message}`
}
