import { addresses } from './address.ts'
import { contact } from './contact.ts'
import { identity } from './identity.ts'
import { life } from './life.ts'
import { network } from './network.ts'
import { payment } from './payment.ts'
import type { Recognizer } from './recognizer.ts'
import { secrets } from './secrets.ts'
import { wallet } from './wallet.ts'

/** All that the pattern layer recognises, by family. */
export const recognizers: readonly Recognizer[] = [
  ...identity,
  ...payment,
  ...contact,
  ...network,
  ...life,
  ...addresses,
  ...wallet,
  ...secrets,
]
