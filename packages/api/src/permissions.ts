/** Every role, most powerful first. `operator` is an alias of `approver` and is resolved when roles are granted. */
export const roles = ['admin', 'security_admin', 'approver', 'auditor', 'developer', 'agent_operator', 'service_agent', 'viewer'] as const
export type Role = (typeof roles)[number]

type Held = 'all' | 'own'
type Row = { readonly [R in Role]?: Held }

const everyone: Row = Object.fromEntries(roles.map((role) => [role, 'all']))
const people: Row = { ...everyone, service_agent: 'own' }
const only = (...names: readonly Role[]): Row => Object.fromEntries(names.map((name) => [name, 'all']))
const admins = only('admin', 'security_admin')

/** Who may do what: the one table that routes declare from, the server enforces and the dashboard draws by. `own`: one's own only. */
const table = {
  'user:create': only('admin'),
  'user:delete': only('admin'),
  'user:read': only('admin', 'security_admin', 'approver', 'auditor', 'developer', 'agent_operator', 'viewer'),
  'user:update': admins,
  'trace:read': people,
  'trace:delete': only('admin'),
  'approval:read': people,
  'approval:decide': only('admin', 'security_admin', 'approver'),
  'audit:read': only('admin', 'security_admin', 'approver', 'auditor'),
  'audit:export': only('admin', 'security_admin', 'auditor'),
  'policy:read': only('admin', 'security_admin', 'approver', 'auditor', 'developer', 'agent_operator', 'viewer'),
  'policy:write': only('admin', 'security_admin', 'developer'),
  'policy:activate': admins,
  'policy:lock': admins,
  'policy:evaluate': everyone,
  'evidence:read': people,
  'evidence:verify': people,
  'delegation:write': admins,
  'dataset:read': everyone,
  'dataset:write': only('admin', 'security_admin', 'developer'),
  'dataset:run': only('admin', 'security_admin', 'developer', 'agent_operator', 'service_agent'),
  'cost:read': people,
  'cost:limit': admins,
  'config:read': only('admin', 'security_admin', 'auditor'),
  'config:update': admins,
  'threat:read': everyone,
  'threat:update': only('admin', 'security_admin', 'agent_operator'),
  'pii:detect': everyone,
  'pii:redact': only('admin', 'security_admin', 'approver', 'developer', 'agent_operator', 'service_agent'),
  'pii:restore': { admin: 'all', security_admin: 'all', service_agent: 'own' },
  'pii:reveal': { admin: 'all', security_admin: 'all', service_agent: 'own' },
  'pii:audit': only('admin', 'security_admin', 'auditor'),
  'key:rotate': admins,
  'call:decide': only('admin', 'developer', 'agent_operator', 'service_agent'),
  'playground:use': only('admin', 'developer', 'agent_operator', 'service_agent'),
  'tool:register': only('admin', 'security_admin', 'developer'),
  'apikey:manage': admins,
  'session:revoke': admins,
  'tenant:manage': admins,
  'metrics:read': only('admin', 'security_admin', 'auditor', 'developer', 'agent_operator'),
} as const satisfies { readonly [permission: string]: Row }

export type Permission = keyof typeof table

export const permissions = Object.keys(table) as readonly Permission[]

/** How far `roles` hold `permission`: over everything, over one's own, or not at all. Unknown roles hold nothing. */
export function holds(held: readonly string[], permission: Permission): Held | undefined {
  const row: Row = table[permission]
  const found = held.map((role) => (Object.hasOwn(row, role) ? row[role as Role] : undefined))
  return found.includes('all') ? 'all' : found.find((each) => each !== undefined)
}
