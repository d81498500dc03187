import { z } from 'zod'
import { route } from './route.ts'

/** `checks` only for those who may read the configuration. */
export const healthReport = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  version: z.string(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
  /** Whether this is the demo, which every page then says. */
  demo: z.boolean(),
})
export type HealthReport = z.infer<typeof healthReport>

const alive = z.object({ status: z.literal('ok') })

export const health = {
  get: route({ method: 'GET', path: '/api/health', needs: 'anyone', response: healthReport, also: { 503: healthReport } }),
  liveness: route({ method: 'GET', path: '/health/liveness', needs: 'anyone', response: alive }),
  readiness: route({ method: 'GET', path: '/health/readiness', needs: 'anyone', response: alive }),
}
