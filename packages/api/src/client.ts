import type { z } from 'zod'
import { readEvents } from './events.ts'
import { writeExactly } from './exact-json.ts'
import { Problem, type ProblemBody, problem, problemType } from './problem.ts'
import type { Route } from './route.ts'
import { routes } from './routes.ts'

type Part<R extends Route, Name extends 'params' | 'query' | 'body'> = R extends { readonly [N in Name]: infer Schema extends z.ZodType }
  ? { readonly [N in Name]: z.input<Schema> }
  : { readonly [N in Name]?: undefined }

/** What a route takes. A part whose members are all optional may be left out. */
type Loose<P> = { [K in keyof P]: Partial<P[K]> extends P[K] ? K : never }[keyof P]
type Given<P> = Omit<P, Loose<P>> & Partial<Pick<P, Loose<P>>>
export type Arguments<R extends Route> = Given<Part<R, 'params'> & Part<R, 'query'> & Part<R, 'body'>> & { readonly signal?: AbortSignal }
export type Answer<R extends Route> = z.output<R['response']>

/** One event of a stream; `id` goes into `after` to resume behind it. */
export interface Heard<T> {
  readonly id?: string
  readonly data: T
}

type Ask<R extends Route> = R extends { readonly stream: true }
  ? (given?: { readonly after?: string; readonly signal?: AbortSignal }) => AsyncGenerator<Heard<Answer<R>>>
  : Partial<Arguments<R>> extends Arguments<R>
    ? (given?: Arguments<R>) => Promise<Answer<R>>
    : (given: Arguments<R>) => Promise<Answer<R>>

/** A method for every route: `client.calls.decide({ body })`. Refusals and holds throw `Problem`; a broken connection throws what `fetch` throws. */
export type Client = {
  readonly [Noun in keyof typeof routes]: { readonly [Verb in keyof (typeof routes)[Noun]]: Ask<(typeof routes)[Noun][Verb] & Route> }
}

export interface ClientOptions {
  /** Where the server is; in the dashboard empty, its own origin. */
  readonly url?: string
  /** The bearer token, read anew for each request; browsers use their cookie instead. */
  readonly token?: () => string | undefined
  readonly fetch?: typeof fetch
}

interface Sent {
  readonly params?: Record<string, unknown> | undefined
  readonly query?: Record<string, unknown> | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  readonly after?: string | undefined
}

export function createClient({ url = '', token, fetch: send = globalThis.fetch.bind(globalThis) }: ClientOptions = {}): Client {
  const made = Object.entries(routes).map(([noun, verbs]) => [
    noun,
    Object.fromEntries(
      Object.entries(verbs as Record<string, Route>).map(([verb, route]) => [
        verb,
        (sent: Sent = {}) => (route.stream ? listen(route, sent) : ask(route, sent)),
      ]),
    ),
  ])
  // INVARIANT: the table the methods are made from is the one their types are made from.
  return Object.fromEntries(made) as Client

  async function request(route: Route, { params, query, body, signal, after }: Sent): Promise<Response> {
    const bearer = token?.()
    const response = await send(url + addressOf(route, params, query), {
      method: route.method,
      headers: {
        accept: route.stream ? 'text/event-stream' : 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(after !== undefined && { 'last-event-id': after }),
      },
      credentials: 'same-origin',
      ...(body !== undefined && { body: writeExactly(body) }),
      ...(signal && { signal }),
    })
    const isProblem = response.headers.get('content-type')?.startsWith(problemType)
    if ((response.ok && !isProblem) || route.also?.[response.status]) return response
    throw await problemOf(response)
  }

  async function ask(route: Route, sent: Sent): Promise<unknown> {
    const filled = route.body && sent.body === undefined ? { ...sent, body: {} } : sent
    const response = await request(route, filled)
    const body: unknown = await response.json()
    return (route.also?.[response.status] ?? route.response).parse(body)
  }

  async function* listen(route: Route, sent: Sent): AsyncGenerator<Heard<unknown>> {
    const { body } = await request(route, sent)
    if (!body) return
    for await (const { id, data } of readEvents(body))
      yield { ...(id !== undefined && { id }), data: route.response.parse(JSON.parse(data)) }
  }
}

function addressOf({ path }: Route, params: Sent['params'], query: Sent['query']): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(text(params?.[name])))
  const asked = Object.entries(query ?? {}).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, text(value)]],
  )
  return asked.length ? `${filled}?${new URLSearchParams(asked).toString()}` : filled
}

/** Parameters of a path or query are strings, numbers and booleans. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function problemOf(response: Response): Promise<Problem> {
  const parsed = problem.safeParse(await response.json().catch(() => undefined))
  const fallback: ProblemBody = {
    type: 'unreadable-answer',
    title: response.statusText,
    status: response.status,
    detail: `The server answered ${response.status} without saying why.`,
    instance: response.headers.get('x-request-id') ?? '',
  }
  return new Problem(parsed.success ? parsed.data : fallback)
}
