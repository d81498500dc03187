import { defaultGuardrails, defaultGuardrailsInvariants } from './default-guardrails.ts'
import { dataResidencyEu, dataResidencyEuInvariants } from './data-residency-eu.ts'
import { injectionHardening, injectionHardeningInvariants } from './injection-hardening.ts'
import { payments, paymentsInvariants } from './payments.ts'
import { piiProtection, piiProtectionInvariants } from './pii-protection.ts'
import { prodWriteGuard, prodWriteGuardInvariants } from './prod-write-guard.ts'

/** The bundled policy sets, with what must hold of each for every call. All but the first only forbid: they add to a set that permits. */
export const starterSets: readonly { readonly id: string; readonly text: string; readonly invariants: string }[] = [
  { id: 'default-guardrails', text: defaultGuardrails, invariants: defaultGuardrailsInvariants },
  { id: 'pii-protection', text: piiProtection, invariants: piiProtectionInvariants },
  { id: 'prod-write-guard', text: prodWriteGuard, invariants: prodWriteGuardInvariants },
  { id: 'payments', text: payments, invariants: paymentsInvariants },
  { id: 'data-residency-eu', text: dataResidencyEu, invariants: dataResidencyEuInvariants },
  { id: 'injection-hardening', text: injectionHardening, invariants: injectionHardeningInvariants },
]
