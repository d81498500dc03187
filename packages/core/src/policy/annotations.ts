import type { Obligation } from '../decision.ts'

/** What an annotation may say, on which effect, and how it is written. */
const known: Record<string, { readonly on: 'permit' | 'forbid' | 'both'; readonly form: RegExp; readonly example: string }> = {
  id: { on: 'both', form: /^[^\s"\\]{1,128}$/u, example: '@id("no-prod-writes")' },
  advice: { on: 'both', form: /^[^]{1,1000}$/u, example: '@advice("ask the owner of the data first")' },
  approval: { on: 'permit', form: /^[\w.-]{1,64}$/u, example: '@approval("approver")' },
  approval_quorum: { on: 'permit', form: /^[1-9]\d?$/u, example: '@approval_quorum("2")' },
  mfa: { on: 'permit', form: /^required$/u, example: '@mfa("required")' },
  mask: { on: 'permit', form: /^[A-Z_]+(,[A-Z_]+)*$/u, example: '@mask("SSN,EMAIL")' },
  rate: { on: 'permit', form: /^[1-9]\d{0,8}\/[1-9]\d{0,5}(ms|s|m|h|d)$/u, example: '@rate("100/1m")' },
  budget: { on: 'permit', form: /^\d{1,9}(\.\d{1,6})?\/[1-9]\d{0,5}(ms|s|m|h|d)$/u, example: '@budget("10.00/1d")' },
  confirm: { on: 'permit', form: /^preview$/u, example: '@confirm("preview")' },
  hold: { on: 'forbid', form: /^(approval|mfa|confirm)$/u, example: '@hold("approval")' },
}

/** Annotations that are not obligations: names and advice. */
const speech = new Set(['id', 'advice', 'hold'])

/** Why an annotation may not stand on a policy, or `undefined` when it may. Obligations that nobody knows are never ignored. */
export function annotationProblem(effect: 'permit' | 'forbid', name: string, value: string): string | undefined {
  const rule = Object.hasOwn(known, name) ? known[name] : undefined
  if (!rule)
    return `\`@${name}\` is no annotation of a policy: use one of ${Object.keys(known)
      .map((each) => `\`@${each}\``)
      .join(', ')}.`
  if (rule.on !== 'both' && rule.on !== effect) return `\`@${name}\` belongs on a ${rule.on}, and this policy is a ${effect}.`
  return rule.form.test(value) ? undefined : `\`@${name}\` has a value it cannot mean: write it like \`${rule.example}\`.`
}

/** The obligations that a permit's annotations carry. */
export function obligationsOf(policy: string, annotations: { readonly [name: string]: string }): readonly Obligation[] {
  return Object.entries(annotations).flatMap(([name, value]) => (speech.has(name) ? [] : [{ name, value, policy }]))
}
