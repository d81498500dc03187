import { problem, type Route, routes } from '@agentgate/api'
import { z } from 'zod'

/** The OpenAPI 3.1 description of every route, made from the schemas that the routes themselves parse by. */
export function openApi(version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const [noun, verbs] of Object.entries(routes)) {
    for (const [verb, route] of Object.entries(verbs as Record<string, Route>)) {
      const path = route.path.replace(/:(\w+)/g, '{$1}')
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(noun, verb, route) }
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'AgentGate', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: json(problem, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operation(noun: string, verb: string, { needs, params, query, body, response, status = 200, stream, type }: Route): object {
  const media = stream ? 'text/event-stream' : (type ?? 'application/json')
  return {
    operationId: `${noun}.${verb}`,
    tags: [noun],
    'x-permission': needs,
    ...(needs !== 'anyone' && { security: [{ bearer: [] }] }),
    parameters: [...parameters(params, 'path'), ...parameters(query, 'query')],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: json(body, 'input') } } } }),
    responses: {
      [status]: { description: 'Answered.', content: { [media]: { schema: json(response, 'output') } } },
      default: {
        description: 'A problem (RFC 9457).',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, member]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(member as z.ZodType, undefined).success,
    schema: json(member as z.ZodType, 'input'),
  }))
}

function json(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
