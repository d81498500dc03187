import { randomUUID } from 'node:crypto'
import { parseExactly } from '@agentgate/api'
import helmet from '@fastify/helmet'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { drained } from './drain.ts'
import { Fault } from './fault.ts'
import { faultOf, isBodyTooLarge, sendFault, tooLargeFor } from './problems.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the fault that it was answered with, if it was. */
    fault: string | undefined
  }
}

export interface AppOptions {
  readonly log: FastifyBaseLogger
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[]
  /** Whether browsers are to insist on HTTPS from now on. */
  readonly https: boolean
}

/** The largest body that a route takes: bytes. */
export const bodyLimit = 2 << 20

/** An app without routes: limits, headers, request ids, and problem+json for everything that goes wrong. */
export async function createApp({ log, trustProxy, https }: AppOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    genReqId: ({ headers }) => asked(headers['x-request-id']) ?? randomUUID(),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => void sendFault(request, reply, faultOf(error)),
  })
  app.removeContentTypeParser('text/plain')
  const json = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients name the type of every request, also of one without a body.
    if (body.length === 0) return done(null)
    const text = utf8Of(body)
    if (text === undefined)
      return done(new Fault(400, 'invalid-utf-8', 'The body is not valid UTF-8, which JSON is written in: encode it as UTF-8.'))
    // The parser looks for what would change prototypes; then numbers are read again where they matter.
    void json(request, text, (error: Error | null, value?: unknown) => {
      if (error) return done(error)
      done(null, request.routeOptions.config.exact ? parseExactly(text) : value)
    })
  })

  app.decorateRequest('fault', undefined)
  app.addHook('onRoute', ({ config, url }) => {
    if (!config?.needs) throw new TypeError(`The route \`${url}\` does not say who may use it: give its \`needs\`.`)
  })
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id)
    if (/^\/(api|health|\.well-known)\//.test(request.url)) void reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, url, statusCode } = { method: request.method, url: request.routeOptions.url ?? 'unknown', statusCode: reply.statusCode }
    request.log.info({ method, url, statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'answered')
  })
  app.setErrorHandler(async (error, request, reply) => {
    const large = isBodyTooLarge(error)
    if (large) await drained(request.raw)
    const fault = large ? tooLargeFor(request.routeOptions.bodyLimit) : faultOf(error)
    request.fault = fault.code
    if (fault.status >= 500) request.log.error({ code: fault.code, ...(error !== fault && { cause: causeOf(error) }) }, 'could not answer')
    return sendFault(request, reply, fault)
  })
  app.setNotFoundHandler((request, reply) =>
    sendFault(request, reply, new Fault(404, 'not-found', `There is nothing at this address that answers \`${request.method}\`.`)),
  )

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: https,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  })
  return app
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What the bytes say; `undefined` when some of them are no UTF-8: replaced, they would be judged as what nobody wrote. */
function utf8Of(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** A UUID, a ULID or 16 bytes in hex: it stands in logs, so nothing that could be about somebody. */
const opaque = /^(?:[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[0-7][\da-hjkmnp-tv-z]{25})$/i

/** The id that a request came with; too few letters, and it may be a number with a meaning. */
function asked(id: string | string[] | undefined): string | undefined {
  return typeof id === 'string' && opaque.test(id) && id.replace(/[^a-z]/gi, '').length >= 4 ? id : undefined
}

/** Where it went wrong, without the message: messages of libraries may quote what they were given. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const [, ...stack] = (error.stack ?? '').split('\n    at ')
  return `${error.name} at ${stack.slice(0, 5).join(' < ')}`
}
