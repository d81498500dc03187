import type { CedarValueJson, EntityJson, SchemaJson, Type, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import { askCedar } from '../../packages/core/src/policy/cedar-wasm.ts'

/** What a Cedar schema adds to JSON data: action entities, and types for values that were written without them. */
export interface Typing {
  readonly actions: readonly EntityJson[]
  readonly entity: (entity: EntityJson) => EntityJson
  readonly context: (action: TypeAndId, context: Record<string, CedarValueJson>) => Record<string, CedarValueJson>
}

const extensions: ReadonlySet<string> = new Set(['ipaddr', 'decimal', 'datetime', 'duration'])

type Namespaces = SchemaJson<string>

/** Reads a schema in Cedar's text or JSON form. */
export function typing(schema: string | Namespaces): Typing {
  const text = typeof schema === 'string' ? schema : textOf(schema)
  const answer = askCedar((cedar) => cedar.schemaToJsonWithResolvedTypes(text))
  if (answer?.type !== 'success') throw new TypeError(`the schema cannot be read: ${answer?.errors[0]?.message}`)
  const spaces = Object.entries(answer.json)
  const named = <T>(pick: (space: Namespaces[string]) => Record<string, T> | undefined, prefix = '') =>
    new Map(
      spaces.flatMap(([space, body]) =>
        Object.entries(pick(body) ?? {}).map(
          ([name, value]) => [qualified(space, prefix || name, prefix ? name : undefined), { space, value }] as const,
        ),
      ),
    )
  const commons = named(({ commonTypes }) => commonTypes)
  const types = named(({ entityTypes }) => entityTypes)
  const actions = named(({ actions }) => actions, 'Action')

  function value(json: CedarValueJson, type: Type<string> | undefined, space: string): CedarValueJson {
    if (type === undefined || json === null || json === undefined) return json
    const shape = type as { type: string; name?: string; element?: Type<string>; attributes?: Record<string, Type<string>> }
    const plain = typeof json === 'object' && !Array.isArray(json) ? (json as Record<string, CedarValueJson>) : undefined
    switch (shape.type) {
      case 'Extension':
        if (typeof json === 'string') return { __extn: { fn: shape.name === 'ipaddr' ? 'ip' : (shape.name ?? ''), arg: json } }
        return plain && 'fn' in plain ? ({ __extn: plain } as unknown as CedarValueJson) : json
      case 'Entity':
        return plain && 'type' in plain && 'id' in plain ? ({ __entity: plain } as unknown as CedarValueJson) : json
      case 'Set':
        return Array.isArray(json) ? json.map((item) => value(item, shape.element, space)) : json
      case 'Record':
        return plain
          ? Object.fromEntries(
              Object.entries(plain).map(([name, item]) => [
                name,
                value(item, Object.hasOwn(shape.attributes ?? {}, name) ? shape.attributes?.[name] : undefined, space),
              ]),
            )
          : json
      default: {
        const common = commons.get(shape.type) ?? commons.get(qualified(space, shape.type))
        if (common) return value(json, common.value as Type<string>, common.space)
        const name = shape.type.replace(/^__cedar::/u, '')
        return extensions.has(name) ? value(json, { type: 'Extension', name }, space) : json
      }
    }
  }

  return {
    actions: [...actions].map(([key, { space, value: action }]) => ({
      uid: idOf(key),
      attrs: {},
      parents: (action.memberOf ?? []).map(({ type, id }) => ({ type: type ?? qualified(space, 'Action'), id })),
    })),
    entity(entity) {
      const { type } = '__entity' in entity.uid ? entity.uid.__entity : entity.uid
      const found = types.get(type)
      const shape = found?.value as { shape?: Type<string>; tags?: Type<string> } | undefined
      if (!found || !shape) return entity
      const tags =
        entity.tags && Object.fromEntries(Object.entries(entity.tags).map(([name, tag]) => [name, value(tag, shape.tags, found.space)]))
      return { ...entity, attrs: value(entity.attrs, shape.shape, found.space) as EntityJson['attrs'], ...(tags && { tags }) }
    },
    context(action, context) {
      const found = actions.get(`${action.type}::${JSON.stringify(action.id)}`)
      return value(context, found?.value.appliesTo?.context, found?.space ?? '') as Record<string, CedarValueJson>
    },
  }
}

function textOf(schema: Namespaces): string {
  const answer = askCedar((cedar) => cedar.schemaToText(schema))
  if (answer?.type === 'success') return answer.text
  throw new TypeError(`the schema cannot be read: ${answer?.errors[0]?.message}`)
}

function qualified(space: string, name: string, id?: string): string {
  const full = space === '' ? name : `${space}::${name}`
  return id === undefined ? full : `${full}::${JSON.stringify(id)}`
}

function idOf(key: string): TypeAndId {
  const at = key.indexOf('::"')
  return { type: key.slice(0, at), id: JSON.parse(key.slice(at + 2)) as string }
}
