import type { z } from 'zod'
import type { Permission } from './permissions.ts'

/** Who may use a route: anybody, anyone signed in, or holders of a permission. */
export type Needs = 'anyone' | 'signed-in' | Permission

/** One door of the API. Server, client and docs are made from it, so they cannot disagree. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With `:name` for each of `params`. */
  readonly path: string
  readonly needs: Needs
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** Integers beyond 2^53 in the body are bigints; elsewhere they are read as JSON.parse does, rounded. */
  readonly exact?: true
  /** Most bytes of a body; 2 MiB unless given. */
  readonly bodyLimit?: number
  /** What is answered with `status`; of a stream, what each event's data is. */
  readonly response: z.ZodType
  /** Other answers that are no refusal, by status. */
  readonly also?: { readonly [status: number]: z.ZodType }
  /** 200 unless given. */
  readonly status?: number
  /** Answers with `text/event-stream`. */
  readonly stream?: true
  /** The body's media type, when not `application/json`. */
  readonly type?: string
}

/** Keeps the exact types of a route's schemas. */
export const route = <const R extends Route>(given: R): R => given
