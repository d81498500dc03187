import type { Edit } from './edits.ts'
import type { Owner } from './owner.ts'
import { inTurns, pause } from './turns.ts'
import type { Vault } from './vault.ts'

/** How many values are sealed before others have their turn. */
const batch = 64

/** Keeps the values of edits, in order, and answers their tokens: a few at once, and others have their turn between. */
export async function keepAll(vault: Vault, owner: Owner, edits: readonly Edit[]): Promise<readonly string[]> {
  if (edits.length <= batch) return vault.keep(owner, edits)
  const tokens: string[] = []
  for (let from = 0; from < edits.length; from += batch) {
    for (const token of await vault.keep(owner, edits.slice(from, from + batch))) tokens.push(token)
    await inTurns(pause())
  }
  return tokens
}
