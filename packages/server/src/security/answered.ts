import type { PrincipalId } from '@agentgate/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Who } from '../door.ts'
import type { Behaviour } from './behaviour.ts'

/**
 * Tells of every answer of an app, once it is over or nobody waits for it any more, with who asked by `authenticate`, which it wraps; `refused` hears of bearer credentials that are not valid.
 * Health and files of the dashboard do not count.
 */
export function watchAnswers(
  app: FastifyInstance,
  { answered, refused }: Pick<Behaviour, 'answered'> & { readonly refused: (credential: string, address: string) => void },
  authenticate: (request: FastifyRequest) => Promise<Who>,
): (request: FastifyRequest) => Promise<Who> {
  const asking = new WeakMap<FastifyRequest, PrincipalId>()
  app.addHook('onRequest', async (request, reply) => {
    const { socket } = request.raw
    const before = socket.bytesWritten
    // Not when the answer ends: whoever hangs up before its last byte has taken the others.
    reply.raw.once('close', () => {
      const principal = asking.get(request)
      if (principal === undefined && isOrdinary(request.url, reply.raw.statusCode)) return
      answered({
        address: request.ip,
        ...(principal !== undefined && { principal }),
        // What went over the wire, also of a stream.
        bytes: Math.max(0, socket.bytesWritten - before),
        notPermitted: request.fault === 'not-permitted',
      })
    })
  })
  return async (request) => {
    const { authorization } = request.headers
    const who = await authenticate(request).catch((error: unknown) => {
      if (authorization !== undefined) refused(authorization, request.ip)
      throw error
    })
    asking.set(request, who.asker.principal.id)
    return who
  }
}

function isOrdinary(url: string, status: number): boolean {
  return status < 400 && (!url.startsWith('/api/') || url === '/api/health')
}
