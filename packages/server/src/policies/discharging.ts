import { maskedKinds } from '@agentgate/core'

/** What this server does about obligations by itself, for the calls that it decides and for those that it only evaluates. */
export const discharging = { reserves: true, masks: new Set<string>(maskedKinds) } as const
