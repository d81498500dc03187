import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Span, type Tracer } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Agent } from './agent.ts'
import { piiVault } from './controls/pii-vault.ts'
import { sentry } from './controls/sentry.ts'
import { validator } from './controls/validator.ts'
import { otel } from './otel.ts'

interface Shown {
  readonly name: string
  readonly kind: SpanKind | undefined
  readonly attributes: { [name: string]: unknown }
  status?: { readonly code: SpanStatusCode; readonly message?: string }
  ended: number
}

/** A tracer that remembers. */
function remembering() {
  const shown: Shown[] = []
  const startSpan: Tracer['startSpan'] = (name, { kind, attributes = {} } = {}, _ = ROOT_CONTEXT) => {
    const one: Shown = { name, kind, attributes: { ...attributes }, ended: 0 }
    shown.push(one)
    const span = {
      setAttributes: (more: object) => void Object.assign(one.attributes, more),
      setStatus: (status: NonNullable<Shown['status']>) => void (one.status = status),
      end: () => void one.ended++,
    }
    return span as unknown as Span
  }
  return { shown, tracer: { startSpan } as unknown as Tracer }
}

const usage = { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } }

function agentWith(control: ReturnType<typeof otel>) {
  const agent = new Agent({ agentId: 'desk', controls: [piiVault(), validator(), control] })
  return {
    agent,
    look: agent.tool({ name: 'look', input: z.object({ text: z.string() }), execute: ({ text }) => `found ${text}` }),
    ask: agent.tool({
      name: 'ask',
      input: z.object({ model: z.string(), messages: z.array(z.string()) }),
      execute: () => ({ said: 'tea', usage }),
    }),
    fail: agent.tool({ name: 'fail', input: z.object({}), execute: () => Promise.reject(new Error('no ada@example.com')) }),
    remove: agent.tool({ name: 'remove', input: z.object({ id: z.string() }), approval: true, execute: () => 'gone' }),
  }
}

describe('otel', () => {
  it('shows each call as one span of the GenAI conventions, and nothing that was said', async () => {
    const { shown, tracer } = remembering()
    const { agent, look, ask } = agentWith(otel({ tracer }))
    await look({ text: 'of ada@example.com' }, { session: 's1' })
    const tool = agent.lastDecision
    await ask({ model: 'gpt-5-mini', messages: ['tea?'] })
    expect(shown).toMatchObject([
      {
        name: 'execute_tool look',
        kind: SpanKind.INTERNAL,
        ended: 1,
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'look',
          'gen_ai.tool.type': 'function',
          'gen_ai.tool.call.id': tool?.call.id,
          'gen_ai.agent.id': 'Agent::desk',
          'gen_ai.conversation.id': tool?.call.session,
          'agentgate.decision.id': tool?.id,
          'agentgate.outcome': 'succeeded',
        },
      },
      {
        name: 'chat gpt-5-mini',
        kind: SpanKind.CLIENT,
        ended: 1,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'gpt-5-mini',
          'gen_ai.usage.input_tokens': 9,
          'gen_ai.usage.output_tokens': 3,
          'gen_ai.usage.cache_read.input_tokens': 4,
        },
      },
    ])
    expect(shown.every(({ status }) => status === undefined)).toBe(true)
    expect(JSON.stringify(shown)).not.toMatch(/ada@|EMAIL|tea|found/)
  })

  it('shows refused and failed calls as errors, by their codes', async () => {
    const { shown, tracer } = remembering()
    const { look, fail } = agentWith(otel({ tracer }))
    await look({ text: "'; DROP TABLE users; --" }).catch(() => undefined)
    await fail({}).catch(() => undefined)
    expect(shown.map(({ name, status, attributes, ended }) => [name, status?.code, attributes['error.type'], ended])).toEqual([
      ['execute_tool look', SpanStatusCode.ERROR, 'threat-found', 1],
      ['execute_tool fail', SpanStatusCode.ERROR, 'failed', 1],
    ])
    expect(JSON.stringify(shown)).not.toContain('ada@example.com')
  })

  it('shows a call that waited for a person as one span, with the decision that ended it', async () => {
    const { shown, tracer } = remembering()
    const { agent, remove } = agentWith(otel({ tracer }))
    const call = remove({ id: '1' })
    const pending = async () => (await agent.approvals.pending())[0]?.id
    await expect.poll(pending).toBeDefined()
    await agent.approvals.approve((await pending()) ?? '', { by: 'User::bob' })
    await call
    expect(shown).toMatchObject([{ name: 'execute_tool remove', ended: 1, attributes: { 'agentgate.verdict': 'allow' } }])
    expect(shown[0]?.attributes['agentgate.decision.id']).toBe(agent.lastDecision?.id)
  })

  it('changes no call, whatever becomes of its spans', async () => {
    const broken = {
      startSpan: () => {
        throw new Error('broken')
      },
    } as unknown as Tracer
    const { look } = agentWith(otel({ tracer: broken }))
    expect(await look({ text: 'tea' })).toBe('found tea')
  })
})

describe('sentry', () => {
  it('shows calls as spans, and tools that failed as issues, masked', async () => {
    const { shown, tracer } = remembering()
    const issues: unknown[] = []
    const { look, fail } = agentWith(
      sentry({
        startInactiveSpan: ({ name, op, attributes }) => tracer.startSpan(name, { attributes: { ...attributes, op } }),
        captureException: ({ message }, { tags }) => void issues.push([message, tags['tool']]),
      }),
    )
    await look({ text: 'tea' })
    await fail({}).catch(() => undefined)
    await look({ text: "'; DROP TABLE users; --" }).catch(() => undefined)
    expect(shown.map(({ attributes, status, ended }) => [attributes['op'], status?.code, ended])).toEqual([
      ['gen_ai.execute_tool', SpanStatusCode.OK, 1],
      ['gen_ai.execute_tool', SpanStatusCode.ERROR, 1],
      ['gen_ai.execute_tool', SpanStatusCode.ERROR, 1],
    ])
    expect(issues).toEqual([['`fail` failed: no <EMAIL_1>', 'fail']])
  })
})
