import { STATUS_CODES } from 'node:http'
import { type ProblemBody, problemType } from '@agentgate/api'
import { GateError, type GateErrorCode } from '@agentgate/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from './fault.ts'
import { StoreError } from './store/store-error.ts'

const gateStatus: Record<GateErrorCode, number> = {
  unauthenticated: 401,
  'not-permitted': 403,
  'unknown-decision': 404,
  'already-settled': 409,
  'already-decided': 409,
  contended: 503,
  'no-evidence': 503,
  'not-released': 409,
  unreachable: 503,
}

/** What the HTTP layer itself refuses, before any route: by Fastify's code. */
const byCode: Record<string, readonly [status: number, code: string, detail: string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'malformed-json', 'The body is not JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'malformed-json', 'The body is empty, but its type says JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'malformed-request', 'The body is not as long as `Content-Length` says.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported-media-type', 'The body must be `application/json`.'],
  FST_ERR_BAD_URL: [400, 'malformed-request', 'The address is not a valid URL.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'malformed-request', 'The address is too long.'],
}

/** The fault that an error amounts to. What is not the caller's doing is 500 and says nothing of its cause. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (error instanceof StoreError)
    return new Fault(503, `store-${error.code}`, 'The store cannot answer just now: try again, or look at the log.')
  if (error instanceof GateError) return new Fault(gateStatus[error.code], error.code, error.message)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = Object.hasOwn(byCode, code) ? byCode[code] : undefined
  if (known) return new Fault(...known)
  if (error instanceof SyntaxError && 'statusCode' in error) return new Fault(400, 'malformed-json', 'The body is not JSON.')
  return new Fault(500, 'internal', 'The server could not answer: the log has the cause under this request id.')
}

export function isBodyTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE'
}

/** What a body of more than so many bytes is told. */
export function tooLargeFor(limit: number): Fault {
  const shown = `${limit / (1 << 20)} MiB`
  return new Fault(413, 'body-too-large', `The body is larger than the ${shown} (${limit} bytes) that this route takes: send less at once.`)
}

/** The problem+json body of a fault. */
export function problemOf({ status, code, message, more }: Fault, instance: string): ProblemBody {
  return { type: code, title: STATUS_CODES[status] ?? 'Error', status, detail: message, instance, ...more }
}

/** Answers with a fault. 429 says in whole seconds, rounded up, when the same request could pass. */
export function sendFault(request: FastifyRequest, reply: FastifyReply, fault: Fault): FastifyReply {
  const wait = fault.more.retry_after_ms ?? fault.more.reason?.retry_after_ms
  if (fault.status === 429 && wait !== undefined) {
    const seconds = Math.max(1, Math.ceil(wait / 1000))
    void reply.header('retry-after', seconds).header('ratelimit-remaining', 0).header('ratelimit-reset', seconds)
  }
  if (fault.status === 401) void reply.header('www-authenticate', 'Bearer')
  return reply.code(fault.status).type(problemType).send(problemOf(fault, request.id))
}
