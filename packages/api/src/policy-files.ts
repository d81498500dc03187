import type { PolicyForm } from './policies.ts'

/** A file as somebody keeps policies: `payments.cedar`, `payments.invariants.cedar`, `limits.json`, a bundle `all.json`. */
export interface PolicyFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A set that files hold. */
export interface FiledSet {
  readonly id: string
  readonly policy: PolicyForm
  readonly invariants?: string
  /** Where each of its texts was read, for errors: the name of the file and what it says. */
  readonly from: { readonly file: string; readonly text?: string }
  readonly invariantsFrom?: { readonly file: string; readonly text?: string }
}

/** What is wrong with a file before its policies are looked at. */
export interface FileProblem {
  readonly file: string
  readonly message: string
  readonly line?: number
  readonly column?: number
}

/** Most sets that are loaded at once. */
export const mostSets = 50

/**
 * The sets in some files, and every reason why a file holds none. A set has the name of its file: `payments.cedar` is
 * `payments`, and `payments.invariants.cedar` its invariants. `.json` holds quick rules, conditioned rules, or a bundle:
 * `{"sets": [{"id": "payments", "policy": {"text": "…"}, "invariants": "…"}]}`.
 */
export function filedSets(files: readonly PolicyFile[]): { readonly sets: readonly FiledSet[]; readonly problems: readonly FileProblem[] } {
  const problems: FileProblem[] = []
  const sets: FiledSet[] = []
  const invariants = new Map<string, { readonly file: string; readonly text: string }>()
  for (const { name: file, bytes } of files) {
    const name = file.split('/').at(-1) ?? file
    const read = readText(bytes)
    const [, statedOf] = /^(.*)\.invariants\.cedar$/.exec(name) ?? []
    if ('line' in read) problems.push({ file, message: notText, ...read })
    else if (statedOf !== undefined) {
      if (invariants.has(statedOf)) problems.push({ file, message: `There are two files of invariants of \`${statedOf}\`.` })
      invariants.set(statedOf, { file, text: read.text })
    } else if (name.endsWith('.cedar'))
      sets.push({ id: name.slice(0, -'.cedar'.length), policy: { text: read.text }, from: { file, text: read.text } })
    else if (name.endsWith('.json')) sets.push(...rulesIn(file, name.slice(0, -'.json'.length), read.text, problems))
    else problems.push({ file, message: 'Policies are read from `.cedar` and `.json` files.' })
  }
  const stated = sets.map((set): FiledSet => {
    const found = invariants.get(set.id)
    invariants.delete(set.id)
    if (found && set.invariants !== undefined)
      problems.push({ file: found.file, message: `\`${set.from.file}\` holds invariants of \`${set.id}\` already.` })
    return found ? { ...set, invariants: found.text, invariantsFrom: found } : set
  })
  for (const [id, { file }] of invariants)
    problems.push({ file, message: `These are invariants of \`${id}\`, and no file holds its policies: \`${id}.cedar\`.` })
  for (const [at, { id, from }] of stated.entries()) {
    if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(id))
      problems.push({
        file: from.file,
        message: `\`${id.slice(0, 100)}\` is no name of a set: lower-case letters, digits, dots and dashes, at most 100.`,
      })
    const before = stated.slice(0, at).find((each) => each.id === id)
    if (before) problems.push({ file: from.file, message: `\`${before.from.file}\` holds a set \`${id}\` too: a set is loaded once.` })
  }
  if (stated.length > mostSets)
    problems.push({
      file: stated[mostSets]?.from.file ?? '',
      message: `There are ${stated.length} sets: at most ${mostSets} are loaded at once.`,
    })
  return { sets: stated, problems }
}

const notText = 'The file is not UTF-8 from here on, and nobody can tell what was meant: save it as UTF-8.'

/** UTF-8 without its byte order mark; else the place where it stops being UTF-8. Nothing is replaced by U+FFFD. */
export function readText(bytes: Uint8Array): { readonly text: string } | { readonly line: number; readonly column: number } {
  const whole = decoded(bytes, false)
  if (whole !== undefined) return { text: whole }
  let [good, bad] = [0, bytes.length]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decoded(bytes.subarray(0, middle), true) === undefined) bad = middle
    else good = middle
  }
  const before = decoded(bytes.subarray(0, good), true) ?? ''
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') }
}

/** `more`: the bytes may end inside a character. */
function decoded(bytes: Uint8Array, more: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: more })
  } catch {
    return undefined
  }
}

function rulesIn(file: string, id: string, text: string, problems: FileProblem[]): readonly FiledSet[] {
  const value = parsed(text)
  if (!value) {
    problems.push({ file, message: 'The file holds no JSON object.' })
    return []
  }
  if (!('sets' in value)) return [{ id, policy: formOfRules(value), from: { file, text } }]
  const sets: readonly unknown[] = Array.isArray(value['sets']) ? value['sets'] : []
  if (sets.length === 0) problems.push({ file, message: '`sets` is no list of sets, or an empty one.' })
  return sets.flatMap((each, at): readonly FiledSet[] => {
    const set = isObject(each) ? each : {}
    const policy = bundledForm(set['policy'])
    const { id: named, invariants } = set
    if (typeof named !== 'string' || !policy || (invariants !== undefined && typeof invariants !== 'string')) {
      problems.push({
        file,
        message: `\`/sets/${at}\` is no set: it has an \`id\`, a \`policy\` of \`text\`, \`quick\` or \`conditioned\`, and perhaps \`invariants\`.`,
      })
      return []
    }
    const from = { file: `${file} ${named}`, ...('text' in policy && { text: policy.text }) }
    return [
      { id: named, policy, from, ...(invariants !== undefined && { invariants, invariantsFrom: { file: from.file, text: invariants } }) },
    ]
  })
}

function bundledForm(given: unknown): PolicyForm | undefined {
  if (!isObject(given) || Object.keys(given).length !== 1) return undefined
  const { text, quick, conditioned } = given
  if (typeof text === 'string') return { text }
  return isObject(quick) ? { quick } : isObject(conditioned) ? { conditioned } : undefined
}

/** Rules as they stand in a file of their own: conditioned ones have `rules`, quick ones have not. */
export function formOfRules(rules: { readonly [name: string]: unknown }): PolicyForm {
  return 'rules' in rules ? { conditioned: { ...rules } } : { quick: { ...rules } }
}

function parsed(text: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
