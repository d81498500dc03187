import { holds, type Route } from '@agentgate/api'
import type { Asker } from '@agentgate/core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { Fault } from './fault.ts'

/** Who asks over HTTP: found from the credential of this very request. */
export interface Who {
  readonly asker: Asker
  /** The session that the credential belongs to; absent for API keys. */
  readonly session?: string
  /** When the session last proved again who sits there; by the server's clock. */
  readonly steppedUpAt?: number
}

type Parsed<R extends Route, Name extends 'params' | 'query' | 'body'> = R extends { readonly [N in Name]: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined

/** A request that was authenticated, permitted and parsed. */
export interface Asked<R extends Route> {
  readonly params: Parsed<R, 'params'>
  readonly query: Parsed<R, 'query'>
  readonly body: Parsed<R, 'body'>
  /** Present unless the route is for anyone. */
  readonly who: R['needs'] extends 'anyone' ? undefined : Who
  /** Whether the permission reaches everything, or only the asker's own. */
  readonly reach: 'all' | 'own'
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Answers a request. What it returns is sent as JSON; a handler that has taken over `reply` returns nothing. */
export type Handle<R extends Route> = (asked: Asked<R>) => Promise<z.input<R['response']> | undefined>

export interface DoorOptions {
  /** Throws a `GateError` `unauthenticated` or a `Fault`. */
  readonly authenticate: (request: FastifyRequest) => Promise<Who>
  /** Whether answers are checked against their schema: everywhere but in production. */
  readonly check: boolean
  /** Takes each answer that is being made: what is in flight when the server stops is still finished. */
  readonly inBackground: (work: Promise<unknown>) => void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. A route without it does not start. */
    needs?: string
    /** Whether integers beyond 2^53 in the body are bigints. */
    exact?: boolean
  }
}

export type Open = <const R extends Route>(route: R, handle: Handle<R>) => void

/** Opens routes of the contract on an app: authenticates, checks the permission, parses, answers. */
export function doors(app: FastifyInstance, { authenticate, check, inBackground }: DoorOptions): Open {
  return (route, handle) => {
    app.route({
      method: route.method,
      url: route.path,
      ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
      config: { needs: route.needs, exact: route.exact === true },
      handler: async (request, reply) => {
        const who = route.needs === 'anyone' ? undefined : await authenticate(request)
        const reach = who ? permitted(route, who) : 'all'
        const asked = {
          params: read(route.params, request.params, 'params'),
          query: read(route.query, request.query, 'query'),
          body: read(route.body, request.body ?? {}, 'body'),
          who,
          reach,
          request,
          reply,
        }
        // INVARIANT: each part was parsed by the very schema that its type is inferred from.
        const answering = handle(asked as unknown as Asked<typeof route>)
        inBackground(answering.catch(() => undefined))
        const answer = await answering
        if (reply.sent || answer === undefined) return reply
        const status = reply.statusCode === 200 ? (route.status ?? 200) : reply.statusCode
        if (check) (route.also?.[status] ?? route.response).parse(answer)
        return reply
          .code(status)
          .type(route.type ?? 'application/json; charset=utf-8')
          .serializer((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
          .send(answer)
      },
    })
  }
}

function permitted({ needs }: Route, { asker }: Who): 'all' | 'own' {
  if (needs === 'signed-in' || needs === 'anyone') return 'own'
  const reach = holds(asker.principal.roles, needs)
  if (reach) return reach
  throw new Fault(403, 'not-permitted', `This needs the permission \`${needs}\`, which none of your roles has.`)
}

function read(schema: z.ZodType | undefined, value: unknown, place: 'params' | 'query' | 'body'): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const root = place === 'body' ? '' : `/${place}`
  const errors = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: `${root}/${path.map(escape).join('/')}`, message }))
  throw new Fault(422, 'invalid-request', 'The request does not have the shape that this route takes: see `errors`.', { errors })
}

/** A reference token of a JSON Pointer (RFC 6901). */
function escape(part: PropertyKey): string {
  return String(part).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Aborts when the client goes away before it was answered. */
export function gone({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  raw.once('close', () => {
    if (!raw.writableEnded) left.abort(new Error('the client went away'))
  })
  return left.signal
}
