import { type Client, createClient } from '@agentgate/api'

/** The policy sets of a server: one method for each route of `/api/policies`, typed. Refusals throw the API's `Problem`. */
export type ServerPolicies = Client['policies']

/**
 * Writes, activates and questions the policies of a server:
 * `await policiesOf({ url, apiKey }).create({ body: { id: 'payments', policy: { text } } })`.
 */
export function policiesOf({ url, apiKey }: { readonly url: string; readonly apiKey: string }): ServerPolicies {
  return createClient({ url: url.replace(/\/+$/, ''), token: () => apiKey }).policies
}
