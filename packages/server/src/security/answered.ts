import type { PrincipalId } from '@agentgate/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Who } from '../door.ts'
import type { Behaviour } from './behaviour.ts'

/** Tells of every answer of an app, with who asked by `authenticate`, which it wraps. Health and files of the dashboard do not count. */
export function watchAnswers(
  app: FastifyInstance,
  { answered }: Pick<Behaviour, 'answered'>,
  authenticate: (request: FastifyRequest) => Promise<Who>,
): (request: FastifyRequest) => Promise<Who> {
  const asking = new WeakMap<FastifyRequest, PrincipalId>()
  const written = new WeakMap<FastifyRequest, number>()
  app.addHook('onRequest', async (request) => void written.set(request, request.raw.socket.bytesWritten))
  app.addHook('onResponse', async (request, reply) => {
    const principal = asking.get(request)
    if (principal === undefined && isOrdinary(request.url, reply.statusCode)) return
    answered({
      address: request.ip,
      ...(principal !== undefined && { principal }),
      // What went over the wire, also of a stream.
      bytes: Math.max(0, request.raw.socket.bytesWritten - (written.get(request) ?? 0)),
      notPermitted: request.fault === 'not-permitted',
    })
  })
  return async (request) => {
    const who = await authenticate(request)
    asking.set(request, who.asker.principal.id)
    return who
  }
}

function isOrdinary(url: string, status: number): boolean {
  return status < 400 && (!url.startsWith('/api/') || url === '/api/health')
}
