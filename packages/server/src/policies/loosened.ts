import type { ToolDeclaration } from '@agentgate/core'

/**
 * What a registration says otherwise than the one before, beside its schema and its words to people, that may let calls pass which
 * policies, limits or people stop: each in a sentence. A schema is looked at by what it comes to with each policy.
 */
export function loosened(was: ToolDeclaration, is: ToolDeclaration): readonly string[] {
  const differs = (what: string, of: (tool: ToolDeclaration) => string) =>
    of(was) === of(is) ? [] : [`${what} was ${of(was)} and is ${of(is)}: rules on the one are no rules on the other`]
  const kinds = ({ arguments: given = {} }: ToolDeclaration) =>
    Object.entries(given)
      .map(([name, kind]) => `\`${name}\` ${kind}`)
      .sort()
      .join(', ') || 'none'
  return [
    ...differs('its effect', ({ effect }) => `\`${effect}\``),
    ...differs('its action', ({ name, action = name }) => `\`${action}\``),
    ...differs('the field that its resource is read from', ({ resource = 'resource' }) => `\`${resource}\``),
    ...differs('its boundary', ({ boundary = 'external' }) => `\`${boundary}\``),
    ...(was.approval === true && is.approval !== true ? ['its calls always waited for a person, and would not'] : []),
    ...(trust[is.outputLabel ?? 'none'] > trust[was.outputLabel ?? 'none']
      ? [`its output was \`${was.outputLabel}\` and is ${is.outputLabel ? `\`${is.outputLabel}\`` : 'trusted'}: it taints less`]
      : []),
    ...((was.cost ?? 0) > (is.cost ?? 0) ? ['its calls would count less towards budgets'] : []),
    ...(kinds(was) === kinds(is)
      ? []
      : [`its arguments were read as ${kinds(was)}, and are as ${kinds(is)}: threats are sought otherwise`]),
  ]
}

const trust = { none: 2, user: 1, untrusted: 0 } as const
