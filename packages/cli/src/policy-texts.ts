import {
  type Client,
  type Diagnostic,
  type FiledSet,
  filedSets,
  type PolicyForm,
  type PolicyVersionSummary,
  Problem,
  readJson,
} from '@agentgate/api'
import type { Command } from 'commander'
import { asking, count, type Terminal } from './commands.ts'
import { caret, table } from './layout.ts'
import { Trouble } from './output.ts'
import { policyInput, saidOf } from './policy-input.ts'
import { refusal } from './refusal.ts'

interface Options {
  readonly version?: string
  readonly draft?: boolean
  readonly why?: string
  readonly deleted?: boolean
  /** A file; of `show`, whether they alone are shown. */
  readonly invariants?: string
  readonly revision?: string
  readonly publish?: boolean
}

const because = (made: Command) => made.option('--why <reason>', 'why, for the audit log')
const invariantsOption = (made: Command) => made.option('--invariants <file>', 'Cedar with `@invariant` annotations')

/** What sets say: list, show, check, save, publish, load, and what happened to them. */
export function addTexts(noun: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = asking<Options>(noun, terminal, exit)
  const { print } = terminal
  const { written, maybe, files } = policyInput(terminal)

  command({
    usage: 'list',
    description: 'every policy set, and how it stands',
    ask: (client, _, { deleted }) => client.policies.list({ query: deleted ? { deleted: 'true' } : {} }),
    say: ({ items }) => {
      table(
        print,
        ['set', 'state', 'active', 'versions', 'draft', 'published', 'digest'],
        items.map((set) => [
          set.id,
          set.locked ? `${set.state}, locked` : set.state,
          set.active_version === null ? '-' : `v${set.active_version}`,
          `${set.versions}`,
          set.draft ? `r${set.draft.revision}` : '-',
          set.published_at === null ? '-' : minute(set.published_at),
          set.digest?.slice(0, 12) ?? '-',
        ]),
      )
      if (items.length === 0) print('no policy set')
    },
    shape: (made) => made.option('--deleted', 'deleted ones too'),
  })

  command({
    usage: 'starters [name]',
    description: 'the bundled sets to begin from, or the text of one',
    ask: async (client, [name]) => {
      const { items } = await client.policies.starters({})
      const found = items.filter(({ id }) => name === undefined || id === name)
      if (found.length === 0) throw new Trouble(`\`${name ?? ''}\` is no bundled set: there are ${items.map(({ id }) => id).join(', ')}.`)
      return { items: found }
    },
    say: ({ items }) => {
      for (const { id, text, invariants } of items) {
        print(items.length > 1 ? id : text.trimEnd())
        if (items.length === 1 && invariants !== '') print(remarked(invariants))
      }
    },
  })

  let onlyInvariants = false
  command({
    usage: 'show <set>',
    description: 'the text of a version: the active one unless given',
    ask: async (client, [id = ''], { version, draft, invariants }) => {
      onlyInvariants = invariants !== undefined
      if (draft) return client.policies.draft({ params: { id } })
      return client.policies.get({ params: { id }, query: version === undefined ? {} : { version: count(version) } })
    },
    say: (set) => {
      if (onlyInvariants) return print(set.invariants?.trimEnd() ?? '// no invariants')
      const what = 'version' in set ? `version ${set.version}${set.active ? ', active' : ''}` : `draft, revision ${set.revision}`
      print(`// ${set.id} ${what}, ${set.digest}`)
      print(set.text.trimEnd())
      if (set.invariants !== undefined) print(remarked(set.invariants))
    },
    shape: (made) =>
      made
        .option('--version <number>', 'the version; the active one unless given')
        .option('--draft', 'the draft in place of a version')
        .option('--invariants', 'its invariants alone: beside its text they are comments'),
  })

  command({
    usage: 'versions <set>',
    description: 'every version that was published, newest first',
    ask: async (client, [id = '']) => {
      const items: PolicyVersionSummary[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const page: Awaited<ReturnType<Client['policies']['versions']>> = await client.policies.versions({
          params: { id },
          query: { limit: 100, ...(cursor !== '' && { cursor }) },
        })
        items.push(...page.items)
        cursor = page.next_cursor
      }
      return { items }
    },
    say: ({ items }) => {
      table(
        print,
        ['version', 'active', 'form', 'invariants', 'published', 'by', 'digest'],
        items.map((each) => [
          `v${each.version}`,
          each.active ? 'active' : '-',
          each.form,
          each.has_invariants ? 'yes' : '-',
          minute(each.published_at),
          each.published_by,
          each.digest.slice(0, 12),
        ]),
      )
      if (items.length === 0) print('no version: there is a draft only')
    },
  })

  command({
    usage: 'events <set>',
    description: 'what happened to a set, newest first: who, why, from, to',
    ask: (client, [id = '']) => client.policies.events({ params: { id } }),
    say: ({ items }) => {
      table(
        print,
        ['at', 'event', 'by', 'facts', 'why'],
        items.map(({ type, at, by, why, facts }) => [minute(at), type, by, factsOf(facts), why === '' ? '-' : why]),
      )
      if (items.length === 0) print('no event')
    },
  })

  let checked: FiledSet | undefined
  command({
    usage: 'validate <file>',
    description: 'check a file (.cedar, or rules as .json) against the tools of the server; exit 1 if it is invalid',
    ask: async (client, [file = ''], { invariants }) => {
      const [{ policy, text }, stated] = [await written(file), await maybe(invariants)]
      const found = await client.policies.validate({ body: { policy, ...(stated !== undefined && { invariants: stated }) } })
      checked = { id: '', policy, from: { file: '', text }, ...statedIn(stated) }
      const placed = (each: Diagnostic) => inRules(each, policy, text)
      return { ...found, diagnostics: found.diagnostics.map(placed), ...(found.warnings && { warnings: found.warnings.map(placed) }) }
    },
    say: ({ valid, diagnostics, warnings = [], policies }) => {
      const doubts = warnings.map((each) => ({ ...each, message: `warning: ${each.message}` }))
      if (checked) for (const line of saidAt([...diagnostics, ...doubts], checked)) print(line)
      print(valid ? `valid: ${policies} ${policies === 1 ? 'policy' : 'policies'}` : `invalid: ${diagnostics.length} found`)
    },
    no: ({ valid }) => !valid,
    shape: invariantsOption,
  })

  command({
    usage: 'save <set> <file>',
    description: 'save a file as the draft of a set, of a new one too: nothing decides by it',
    ask: async (client, [id = '', file = ''], { invariants, revision, why = '' }) => {
      const [{ policy, text }, stated] = [await written(file), await maybe(invariants)]
      const body = { policy, ...(stated !== undefined && { invariants: stated }), why }
      return pointed(
        client.policies.putDraft({ params: { id }, body: { ...body, ...(revision !== undefined && { revision: from0(revision) }) } }),
        { policy, text },
        stated,
      )
    },
    say: (draft) => print(`saved the draft of \`${draft.id}\`, revision ${draft.revision}, ${draft.digest}`),
    shape: (made) =>
      invariantsOption(because(made)).option('--revision <number>', 'refuse unless this revision is the one that is saved; 0 for none'),
  })

  command({
    usage: 'publish <set> [file]',
    description: 'publish a file as the next version of a set, or without a file the draft',
    ask: async (client, [id = '', file], { invariants, why = '' }) => {
      if (file === undefined) return client.policies.publish({ params: { id }, body: { why } })
      const [{ policy, text }, stated] = [await written(file), await maybe(invariants)]
      return pointed(
        client.policies.create({ body: { id, policy, ...(stated !== undefined && { invariants: stated }), why } }),
        { policy, text },
        stated,
      )
    },
    say: (set) => print(`published \`${set.id}\` version ${set.version}, ${set.digest}`),
    shape: (made) => invariantsOption(because(made)),
  })

  command({
    usage: 'load <paths...>',
    description:
      'load files, folders or bundles as drafts, all of them or none: `payments.cedar` is the set `payments`, `payments.invariants.cedar` its invariants',
    ask: async (client, paths, { publish = false, why = '' }) => {
      const { sets, problems } = filedSets(await files(paths))
      if (problems.length > 0) throw new Trouble(['nothing was loaded:', ...problems.map(saidOf)].join('\n'))
      const wrong: string[] = []
      for (const set of sets) {
        const { policy, invariants } = set
        const { diagnostics } = await client.policies.validate({ body: { policy, ...(invariants !== undefined && { invariants }) } })
        wrong.push(...saidAt(diagnostics, set))
      }
      if (wrong.length > 0) throw new Trouble(['invalid-policy: nothing was loaded:', ...wrong].join('\n'))
      const bodies = sets.map(({ id, policy, invariants }) => ({ id, policy, ...(invariants !== undefined && { invariants }) }))
      const loaded = await client.policies.load({ body: { sets: bodies, publish, why } })
      return { ...loaded, publish }
    },
    say: ({ items, publish }) => {
      for (const { id, versions, draft } of items)
        print(publish ? `published \`${id}\` version ${versions}` : `saved the draft of \`${id}\`, revision ${draft?.revision ?? 0}`)
    },
    shape: (made) => because(made).option('--publish', 'publish each as a version in place of a draft'),
  })

  command({
    usage: 'diff <set> <from> [to]',
    description: 'what two versions differ in; without `to`, the draft or the newest version',
    ask: (client, [id = '', from = '', to]) =>
      client.policies.diff({ params: { id }, query: { from: count(from), ...(to !== undefined && { to: count(to) }) } }),
    say: ({ added, removed, changed }) => {
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
  })
}

/** Each mistake at its place in the file that it is in. */
function saidAt(diagnostics: readonly Diagnostic[], { policy, from, invariantsFrom }: FiledSet): readonly string[] {
  return diagnostics.flatMap((each) => {
    const at = each.in === 'invariants' ? invariantsFrom : from
    return caret(inRules(each, policy, from.text), at?.text, at?.file)
  })
}

/**
 * A mistake in rules at its line in the file: the server was sent what the file says, and knows its members only. What it says of
 * lines is about the Cedar that the rules become.
 */
function inRules<T extends { readonly path?: string | undefined; readonly in?: string | undefined }>(
  each: T,
  policy: PolicyForm,
  text: string | undefined,
): T & { readonly line?: number | undefined; readonly column?: number | undefined; readonly text?: string | undefined } {
  if ('text' in policy || each.in === 'invariants') return each
  const read = readJson(text ?? '')
  return { ...each, line: undefined, column: undefined, text: undefined, ...(read.ok && read.placeOf(each.path ?? '')) }
}

/** A refused text, with a caret under each mistake. */
async function pointed<T>(
  asked: Promise<T>,
  { policy, text }: Pick<FiledSet, 'policy'> & { text: string },
  stated: string | undefined,
): Promise<T> {
  return asked.catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error
    const errors = error.body.errors?.map((each) => {
      if (each.path.endsWith('/invariants')) return each
      const { line, column, ...said } = inRules({ ...each, path: each.path.replace(/^\/policy\/(?:quick|conditioned)/u, '') }, policy, text)
      return { ...each, ...said, ...(line !== undefined && { line }), ...(column !== undefined && { column }) }
    })
    const placed = new Problem({ ...error.body, ...(errors && { errors }) })
    throw refusal(placed, (path) => (path.endsWith('/invariants') ? statedIn(stated).invariantsFrom : { text }) ?? {})
  })
}

function statedIn(text: string | undefined): Pick<FiledSet, 'invariantsFrom'> {
  return text === undefined ? {} : { invariantsFrom: { file: 'invariants', text } }
}

/** As comments, so that what is printed is still the text of the set. */
function remarked(invariants: string): string {
  return `\n// invariants\n${invariants.trimEnd().replaceAll(/^/gm, '// ')}`
}

function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ')
}

function factsOf(facts: { readonly [name: string]: unknown }): string {
  const said = Object.entries(facts).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return said.length === 0 ? '-' : said.join(', ')
}

function from0(word: string): number {
  return word === '0' ? 0 : count(word)
}
