import type { Weight } from './kind.ts'

/** Where a judgement begins: behind a quote, at a place a value or statement can begin, or anywhere in running text. */
export type Place = 'quote' | 'head' | 'open'

/** What one judgement of SQL found, and where it ends; `undefined` when there is nothing. */
export type Found = { readonly rule: string; readonly weight: Weight; readonly end: number } | undefined

/** A finding of `rule` that ends at `end`. */
export const hit = (rule: string, weight: Weight, end: number): Found => ({ rule, weight, end })
