import { expect, it } from 'vitest'
import { policiesOf } from './server-policies.ts'

it('the policies of a server can be asked for everything that a person can do with them', () => {
  const policies = policiesOf({ url: 'http://127.0.0.1:9/', apiKey: 'k' })
  const verbs =
    'create publish evaluate load validate activate deactivate lock unlock remove list get standing versions events diff rollback replay analyze preview draft putDraft starters'
  for (const verb of verbs.split(' ')) expect([verb, typeof Reflect.get(policies, verb)]).toEqual([verb, 'function'])
})
