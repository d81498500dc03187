import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attacks, foreignAttacks, lists } from './attacks.ts'
import { foreignOrdinary, ordinary, ordinaryLists } from './ordinary.ts'

/** A text and whether it steers. */
export interface Example {
  readonly text: string
  readonly attack: boolean
}

/** Packages whose manuals are ordinary text about programs, all under the MIT licence and pinned by `package-lock.json`. */
export const manuals = [
  'fastify',
  'zod',
  'commander',
  'vitest',
  'fast-check',
  'express',
  'openredaction',
  'glob',
  'minimatch',
  'debug',
  'chalk',
  'ws',
  'helmet',
  'jose',
  'better-sqlite3',
  'compromise',
  'autocannon',
  'find-my-way',
  'light-my-request',
  'pino',
  'cookie',
  'qs',
  'send',
  'body-parser',
  'bcrypt',
  'vite',
  'postcss',
  'tinybench',
  'picomatch',
  'ms',
  'react',
  'safe-regex2',
] as const

/** Numbers of one sequence, 0 to 1, the same each time (Mulberry32). */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Texts to learn from: sentences written for this project, and passages of manuals. */
export function material(seed: number, each: number): readonly Example[] {
  const roll = dice(seed)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(roll() * of.length)] as T
  const write = (form: string, words: typeof lists): string => expand(form, words, pick)
  const usual = () => write(pick(ordinary), ordinaryLists)

  const bad = [...attacks, ...foreignAttacks].flatMap((form) => Array.from({ length: each }, () => write(form, lists)))
  const good = [...ordinary, ...foreignOrdinary].flatMap((form) => Array.from({ length: each }, () => write(form, ordinaryLists)))
  const around = bad.flatMap((text) => (roll() < 0.6 ? [`${usual()} ${text}${roll() < 0.5 ? ` ${usual()}` : ''}`] : []))
  const twoFold = good.flatMap((text) => (roll() < 0.5 ? [`${text} ${usual()}`] : []))
  const loud = (texts: readonly string[]) => texts.flatMap((text) => (roll() < 0.03 ? [text.toUpperCase()] : []))
  return [
    ...[...bad, ...around].map((text) => ({ text, attack: true })),
    ...[...good, ...twoFold, ...loud(good), ...manualPassages()].map((text) => ({ text, attack: false })),
  ]
}

function manualPassages(): readonly string[] {
  return manuals.flatMap((name) => {
    const file = ['README.md', 'readme.md', 'Readme.md'].map((each) => join('node_modules', name, each)).find(existsSync)
    if (file === undefined) return []
    return (readFileSync(file, 'utf8').match(/[^]{1,700}/g) ?? []).slice(0, 40)
  })
}

/** One of the sentences that a form stands for. */
function expand(form: string, words: { readonly [name: string]: readonly string[] }, pick: <T>(of: readonly T[]) => T): string {
  let text = form
  for (let round = 0; round < 40; round++) {
    const before = text
    text = text.replace(/@([a-zA-Z]+)/g, (whole, name: string) => (words[name] ? pick(words[name]) : whole))
    text = text.replace(/\{([^{}]*)\}/g, (whole, inside: string) => (inside.includes('|') ? pick(inside.split('|')) : whole))
    if (text === before) break
  }
  return text
}
