import {
  FileBadge,
  Fingerprint,
  Gauge,
  Inbox,
  ListTree,
  type LucideIcon,
  MessagesSquare,
  Scale,
  ScrollText,
  ShieldAlert,
} from 'lucide-react'

export interface Page {
  readonly path: '/dashboard' | '/playground' | '/traces' | '/approvals' | '/policies' | '/threats' | '/evidence' | '/audit' | '/pii'
  readonly title: string
  readonly icon: LucideIcon
  readonly keys: string
  /** The permission without which the page has nothing to show. */
  readonly needs: string
}

export const pages: readonly Page[] = [
  { path: '/dashboard', title: 'Overview', icon: Gauge, keys: 'g o', needs: 'trace:read' },
  { path: '/playground', title: 'Playground', icon: MessagesSquare, keys: 'g p', needs: 'playground:use' },
  { path: '/traces', title: 'Traces', icon: ListTree, keys: 'g t', needs: 'trace:read' },
  { path: '/approvals', title: 'Approvals', icon: Inbox, keys: 'g a', needs: 'approval:read' },
  { path: '/policies', title: 'Policies', icon: Scale, keys: 'g l', needs: 'policy:read' },
  { path: '/threats', title: 'Threats', icon: ShieldAlert, keys: 'g r', needs: 'threat:read' },
  { path: '/evidence', title: 'Evidence', icon: FileBadge, keys: 'g e', needs: 'evidence:read' },
  { path: '/audit', title: 'Audit log', icon: ScrollText, keys: 'g u', needs: 'audit:read' },
  { path: '/pii', title: 'Personal data', icon: Fingerprint, keys: 'g d', needs: 'pii:redact' },
]
