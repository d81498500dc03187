import type { Json } from '../../json.ts'
import { createDraft } from '../draft.ts'
import { createFindEdits } from '../edits.ts'
import { keepAll } from '../keep-all.ts'
import { defaultKinds, tokenKinds } from '../kinds.ts'
import { restoreJson } from '../restore.ts'
import { inTurns } from '../turns.ts'
import type { Flow } from './flow.ts'
import { maskFlow, type MaskStreamOptions } from './mask-flow.ts'
import type { StreamPlace } from './place.ts'
import { restoreFlow, type RestoreStreamOptions } from './restore-flow.ts'

/** What is done to the texts of a stream of events. */
export interface Treatment {
  /** A text that begins. */
  readonly flow: (place: StreamPlace) => Flow
  /** Whether a text that came whole may have to be changed. */
  readonly concerns: (text: string) => boolean
  /** A value that came whole. */
  readonly json: (value: Json) => Promise<Json>
  /** Whether raw pieces of a text that are told beside it must go. */
  readonly silencesEchoes: boolean
}

/** Puts values for tokens into every text of a stream. */
export function restoring(options: Omit<RestoreStreamOptions, 'place'>): Treatment {
  const { vault, owner, unknownToken = 'fail_closed' } = options
  const known = tokenKinds(options.kinds)
  return {
    flow: (place) => restoreFlow({ ...options, place }),
    concerns: (text) => /[<%&\\]/.test(text),
    json: (value) => restoreJson(value, owner, { vault, tokenKinds: known, unknownToken }),
    silencesEchoes: false,
  }
}

/** Puts tokens for personal data into every text of a stream. */
export function masking(options: Omit<MaskStreamOptions, 'place'>): Treatment {
  const { vault, owner, recognizers = [], minScore = 0.5, passes } = options
  const kinds = [...(options.kinds ?? defaultKinds), ...recognizers.map(({ kind }) => kind)]
  const find = createFindEdits({ tokenKinds: tokenKinds(kinds), kinds, recognizers, minScore })
  return {
    flow: (place) => maskFlow({ ...options, place }),
    concerns: (text) => text !== '',
    async json(value) {
      const draft = createDraft(find, passes)
      const fill = await inTurns(draft.value(value))
      return fill(await keepAll(vault, owner, draft.edits))
    },
    silencesEchoes: true,
  }
}
