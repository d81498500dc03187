import type { Json } from '@agentgate/core'

/** What JSON carries none of, or as something else: a `Date` would come back as no date. */
type Uncarried =
  | Date
  | bigint
  | symbol
  | ((...given: never) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp
  | ArrayBuffer
  | ArrayBufferView
  | Error
  | PromiseLike<unknown>
  | ReadableStream

/** One less, of levels that are looked at: types that hold themselves have no end. */
type Less = readonly [never, 0, 1, 2, 3, 4]

/** `T` as far as JSON carries it, six levels deep: the parts that it does not carry are `never`. */
export type Carried<T, Levels extends number = 5> = [Levels] extends [never]
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends Uncarried
      ? never
      : T extends object
        ? { readonly [Key in keyof T]: Carried<T[Key], Less[Levels]> }
        : T

/** Nothing more to ask of a tool that returns what JSON carries; of another, what cannot be given. */
export type Carries<Output> = [Output] extends [Json | Carried<Output>]
  ? unknown
  : {
      readonly 'its `execute` returns what JSON does not carry as it is: give dates as `toISOString()`, and plain objects and lists': never
    }
