export type FailureCode = 'type-error' | 'attribute-missing' | 'entity-missing' | 'tag-missing' | 'overflow' | 'extension-error'

const messages: { readonly [code in FailureCode]: string } = {
  'type-error': 'an operation got a value of a type it cannot take',
  'attribute-missing': 'an attribute that was read is missing',
  'entity-missing': 'an entity whose attributes were read is not among the entities',
  'tag-missing': 'a tag that was read is missing',
  overflow: 'an integer left the range of 64 bits',
  'extension-error': 'a text is no valid address, decimal, date or duration',
}

/** Why a policy could not be evaluated. One instance a code: it holds no value, so it may be recorded, and throwing it is cheap. */
export class EvaluationFailure extends Error {
  override readonly name = 'EvaluationFailure'
  readonly code: FailureCode

  constructor(code: FailureCode) {
    super(messages[code])
    this.code = code
  }
}

const one = (code: FailureCode) => new EvaluationFailure(code)
const failures: { readonly [code in FailureCode]: EvaluationFailure } = {
  'type-error': one('type-error'),
  'attribute-missing': one('attribute-missing'),
  'entity-missing': one('entity-missing'),
  'tag-missing': one('tag-missing'),
  overflow: one('overflow'),
  'extension-error': one('extension-error'),
}

/** Gives up evaluating a policy. */
export function fail(code: FailureCode): never {
  throw failures[code]
}
