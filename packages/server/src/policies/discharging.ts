import { holds, roles } from '@agentgate/api'
import { maskedKinds } from '@agentgate/core'

/** What this server does about obligations by itself, for the calls that it decides and for those that it only evaluates. */
export const discharging = { reserves: true, masks: new Set<string>(maskedKinds) } as const

/** What a set that is published here may ask for: a mask of these kinds, an answer of one of these roles. */
export const supplies = {
  kinds: discharging.masks,
  secondFactor: false,
  roles: new Set<string>(roles.filter((role) => holds([role], 'approval:decide'))),
} as const
