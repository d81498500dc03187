import { type CustomRecognizer, type NameModel, pii } from '@agentgate/core'
import type { AgentControl } from './control.ts'

export interface PiiVaultOptions {
  /** The kinds that are masked: `['SSN', 'EMAIL', 'CREDIT_CARD']`; by default every kind that points at a person, and people. */
  readonly mask?: readonly string[]
  /**
   * The conversation of calls that name none, where the same value is the same token. Unless told, each such call is one of its own.
   */
  readonly session?: string
  /** What is found besides, and masked: `[{ name: 'staff-number', kind: 'STAFF_NUMBER', pattern: 'S-\\d{6}' }]`. */
  readonly recognizers?: readonly CustomRecognizer[]
  /** Names people besides the built-in lists, as a local NER model does. */
  readonly nameModel?: NameModel
  /** What becomes of an answer with a token that the session never made: kept back (the default), or handed on as it is. */
  readonly unknownToken?: 'fail_closed' | 'best_effort'
}

/** Personal data crosses no trust boundary: tools and models get tokens, the caller gets the values back. */
export function piiVault({ mask: kinds, session, recognizers, nameModel, unknownToken }: PiiVaultOptions = {}): AgentControl {
  return ({ vault }) => ({
    mask: pii({
      vault,
      ...(kinds && { kinds }),
      ...(recognizers && { recognizers }),
      ...(nameModel && { nameModel }),
      ...(unknownToken && { unknownToken }),
    }),
    ...(unknownToken && { unknownToken }),
    ...(session !== undefined && { session }),
  })
}
