import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { Fault } from './fault.ts'

/**
 * The dashboard's files, and its one page for every address that a person navigates to. Files under `assets/` carry their
 * hash in their name and may be kept for ever; the page is asked for anew each time.
 */
export async function serveDashboard(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.log.warn({ folder }, 'the dashboard is not built: `npm run build` builds it')
    return
  }
  await app.register(fastifyStatic, { root: folder, serve: false, etag: true, cacheControl: false })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    config: { needs: 'anyone' },
    handler: async (request, reply) => {
      const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname).slice(1)
      if (path !== '' && path !== 'index.html' && isFile(folder, path)) {
        const kept = path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
        return reply.header('cache-control', kept).sendFile(path)
      }
      const { accept = '*/*' } = request.headers
      const anything = accept.includes('*/*') && /^(dashboard\/?)?$/.test(path)
      const navigates = (anything || accept.includes('text/html')) && !/^(api|health|\.well-known|assets|v1|mcp)(\/|$)/.test(path)
      if (!navigates) throw new Fault(404, 'not-found', 'There is nothing at this address.')
      return reply.header('cache-control', 'no-cache').sendFile('index.html')
    },
  })
}

/** Whether `path` names a file of the folder: what climbs out of it, or is hidden, does not. */
function isFile(folder: string, path: string): boolean {
  return !path.split(/[/\\]/).some((part) => part === '' || part.startsWith('.') || part.includes('\0')) && existsSync(join(folder, path))
}
