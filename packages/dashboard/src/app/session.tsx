import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { api } from './client.ts'
import { sessionQuery } from './queries.ts'

/** Who is signed in and what they may do, as the server says it. Only inside the shell, where somebody is. */
export function useSession() {
  const { data } = useSuspenseQuery(sessionQuery)
  const client = useQueryClient()
  const router = useRouter()
  return {
    user: data.user,
    health: data.health,
    /** Whether the server would allow what needs `permission`, over everything or over one's own. */
    can: (permission: string) => data.capabilities.some((each) => each.permission === permission),
    signOut: async () => {
      await api.principals.logout().catch(() => undefined)
      client.clear()
      await router.navigate({ to: '/sign-in' })
    },
  }
}
