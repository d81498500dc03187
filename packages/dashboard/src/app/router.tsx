import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { policiesSearch, policySearch } from '../features/policies/address.ts'
import { piiSearch } from '../features/pii/address.ts'
import { Failed } from '../ui/states.tsx'
import { NotFound } from './not-found.tsx'
import { isSignedOut, onSessionEnd, queries, sessionQuery } from './queries.ts'
import { oneOf, present, safeNext, text } from './search.ts'
import { Shell } from './shell.tsx'
import { Starting } from './starting.tsx'

const root = createRootRoute({ notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>) => present({ next: text(search['next']), why: oneOf(['ended'], search['why']) }),
  component: lazyRouteComponent(() => import('../features/principals/sign-in.tsx'), 'SignIn'),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  pendingComponent: Starting,
  errorComponent: ({ error, reset }) => (
    <main className="grid min-h-dvh place-items-center">
      <Failed what="the console" error={error} retry={() => (reset(), void router.invalidate())} />
    </main>
  ),
  beforeLoad: async ({ location }) => {
    try {
      await queries.ensureQueryData(sessionQuery)
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } })
      throw error
    }
  },
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => Promise.reject(redirect({ to: '/dashboard', replace: true })),
})

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/dashboard',
  component: lazyRouteComponent(() => import('../features/calls/overview.tsx'), 'OverviewPage'),
})

const playground = createRoute({
  getParentRoute: () => shell,
  path: '/playground',
  validateSearch: (search: Record<string, unknown>) =>
    present({ session: text(search['session']), step: text(search['step']), shadow: text(search['shadow']) }),
  component: lazyRouteComponent(() => import('../features/playground/playground.tsx'), 'PlaygroundPage'),
})

export const verdicts = ['allow', 'hold', 'deny'] as const
export const outcomes = ['running', 'waiting', 'succeeded', 'failed', 'refused', 'withheld', 'cut', 'lost'] as const

const traces = createRoute({
  getParentRoute: () => shell,
  path: '/traces',
  validateSearch: (search: Record<string, unknown>) =>
    present({
      verdict: oneOf(verdicts, search['verdict']),
      status: oneOf(outcomes, search['status']),
      tool: text(search['tool']),
      principal: text(search['principal']),
    }),
  component: lazyRouteComponent(() => import('../features/calls/traces.tsx'), 'TracesPage'),
})

const trace = createRoute({
  getParentRoute: () => shell,
  path: '/traces/$id',
  validateSearch: (search: Record<string, unknown>) => present({ decision: text(search['decision']) }),
  component: lazyRouteComponent(() => import('../features/calls/trace.tsx'), 'TracePage'),
})

const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  validateSearch: (search: Record<string, unknown>) => present({ show: oneOf(['decided'], search['show']), id: text(search['id']) }),
  component: lazyRouteComponent(() => import('../features/approvals/approvals.tsx'), 'ApprovalsPage'),
})

const policies = createRoute({
  getParentRoute: () => shell,
  path: '/policies',
  validateSearch: policiesSearch,
  component: lazyRouteComponent(() => import('../features/policies/policies.tsx'), 'PoliciesPage'),
})

const policy = createRoute({
  getParentRoute: () => shell,
  path: '/policies/$id',
  validateSearch: policySearch,
  component: lazyRouteComponent(() => import('../features/policies/policy.tsx'), 'PolicyPage'),
})

const evidence = createRoute({
  getParentRoute: () => shell,
  path: '/evidence',
  component: lazyRouteComponent(() => import('../features/evidence/certificates.tsx'), 'CertificatesPage'),
})

const certificate = createRoute({
  getParentRoute: () => shell,
  path: '/evidence/$id',
  component: lazyRouteComponent(() => import('../features/evidence/certificate.tsx'), 'CertificatePage'),
})

const threats = createRoute({
  getParentRoute: () => shell,
  path: '/threats',
  validateSearch: (search: Record<string, unknown>) =>
    present({ state: oneOf(['pending', 'acknowledged', 'resolved', 'dismissed'] as const, search['state']), id: text(search['id']) }),
  component: lazyRouteComponent(() => import('../features/threats/threats.tsx'), 'ThreatsPage'),
})

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>) => present({ type: text(search['type']) }),
  component: lazyRouteComponent(() => import('../features/evidence/audit.tsx'), 'AuditPage'),
})

const pii = createRoute({
  getParentRoute: () => shell,
  path: '/pii',
  validateSearch: piiSearch,
  component: lazyRouteComponent(() => import('../features/pii/pii.tsx'), 'PiiPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    signIn,
    shell.addChildren([overview, playground, traces, trace, approvals, policies, policy, threats, evidence, certificate, audit, pii]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 150,
})

onSessionEnd(() => {
  const { href, pathname } = router.state.location
  if (pathname === '/sign-in') return
  queries.clear()
  void router.navigate({ to: '/sign-in', search: { next: safeNext(href), why: 'ended' } })
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
