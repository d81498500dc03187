import { inputType, isObject, type InputType, outputLabelOf, type ToolDeclaration } from '@agentgate/core'

/**
 * What a registration says otherwise than the one before, beside its words to people, that may let calls pass which policies,
 * limits or people stop: each in a sentence. Of a field of the schema that is gone, of another type, or need not be there any
 * more, it says so where a policy may ask for it by name.
 */
export function loosened(was: ToolDeclaration, is: ToolDeclaration, policies: readonly string[]): readonly string[] {
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
    ...differs('what its resource is read from', resourceOf),
    ...lost(was, is, policies),
    ...differs('its boundary', ({ boundary = 'external' }) => `\`${boundary}\``),
    ...(was.approval === true && is.approval !== true ? ['its calls always waited for a person, and would not'] : []),
    ...(trust[outputLabelOf(is)] > trust[outputLabelOf(was)]
      ? [`its output was \`${outputLabelOf(was)}\` and is \`${outputLabelOf(is)}\`: it taints less`]
      : []),
    ...(is.declassifies === true && was.declassifies !== true ? [declassifying] : []),
    ...((was.cost ?? 0) > (is.cost ?? 0) ? ['its calls would count less towards budgets'] : []),
    ...(kinds(was) === kinds(is)
      ? []
      : [`its arguments were read as ${kinds(was)}, and are as ${kinds(is)}: threats are sought otherwise`]),
  ]
}

/** What a tool does that declassifies: for whoever confirms it. */
export const declassifying = 'what has entered a session counts no more once it has run'

const trust = { none: 2, user: 1, untrusted: 0 } as const

/** What policies match a call of the tool by. */
function resourceOf({ name, resource = 'resource', input: { properties, required } }: ToolDeclaration): string {
  const schema = isObject(properties) && Object.hasOwn(properties, resource) ? properties[resource] : undefined
  if (schema === undefined) return `\`tool:${name}\``
  const always = isObject(schema) && schema['type'] === 'string' && Array.isArray(required) && required.includes(resource)
  return always ? `\`${resource}\` of every call` : `\`${resource}\`, where it is a string`
}

function lost(was: ToolDeclaration, is: ToolDeclaration, policies: readonly string[]): readonly string[] {
  const now = new Map(fieldsOf(inputType(is.input)))
  return [...fieldsOf(inputType(was.input))].flatMap(([path, type]) => {
    const becomes = now.get(path)
    const name = path.slice(path.lastIndexOf('.') + 1)
    // An escape may spell any name.
    if (becomes === type || !policies.some((text) => text.includes(name) || text.includes('\\'))) return []
    return [`its input has \`${path}\` as ${type} no more${becomes === undefined ? '' : `, but as ${becomes}`}: policies ask for it`]
  })
}

/** Every field that policies see, by path, and as what. */
function* fieldsOf(type: InputType, above = ''): Iterable<readonly [path: string, type: string]> {
  if (type.type === 'Set') yield* fieldsOf(type.element, above)
  if (type.type !== 'Record') return
  for (const [name, { of, required }] of Object.entries(type.attributes)) {
    yield [`${above}${name}`, `${required ? '' : 'an optional '}${nameOf(of)}`]
    yield* fieldsOf(of, `${above}${name}.`)
  }
}

function nameOf(type: InputType): string {
  return type.type === 'Set' ? `Set of ${nameOf(type.element)}` : type.type
}
