import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Approval } from '@agentgate/core'

export interface Webhook {
  readonly url: string
  /** Shared with the receiver, 32 characters or more: it signs what is sent, and what the receiver answers. */
  readonly secret: string
}

/** What a receiver may answer at once; who answers later does so through `agent.approvals`. */
export interface WebhookAnswer {
  readonly approved: boolean
  readonly by: string
  readonly reason?: string
}

const header = 'agentgate-signature'
/** Milliseconds before each try. */
const tries = [0, 1_000, 5_000]
const patience = 10_000
const longest = 65_536
/** Milliseconds that a signature is good for. */
const fresh = 300_000

/**
 * The signature of a body: `t=<milliseconds since 1970>,v1=<hex of HMAC-SHA-256 over "<t>.<body>">`. Receivers compute it from the
 * header's `t`, and send their own with an answer.
 */
export function webhookSignature(secret: string, body: string, now: number): string {
  return `t=${now},v1=${createHmac('sha256', secret).update(`${now}.${body}`).digest('hex')}`
}

/** Throws a `TypeError` for an address that nothing is sent to: `https:`, or `http:` on this machine. */
export function checkWebhook({ url, secret }: Webhook): void {
  const at = URL.canParse(url) ? new URL(url) : undefined
  const here = at?.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(at.hostname)
  if (!at || (at.protocol !== 'https:' && !here) || at.username !== '' || at.password !== '') {
    throw new TypeError(`\`webhook\` is ${JSON.stringify(url)}: give an https address without credentials, or http on this machine`)
  }
  if (secret.length < 32)
    throw new TypeError('`webhookSecret` signs what is sent: give 32 characters or more, the same that the receiver has')
}

/**
 * Tells the receiver of a held call, masked: three tries, no redirects. Answers what it decided at once, if it did and signed it.
 * Rejects when it could not be told, or answered what it did not sign.
 */
export async function tell({ url, secret }: Webhook, asked: Approval): Promise<WebhookAnswer | undefined> {
  const { id, call, why, askedAt, expiresAt, quorum } = asked
  const { tool, action, resource, input } = call
  const question = { id, tool: tool.name, action, resource, input, why, asked_at: askedAt, expires_at: expiresAt, quorum }
  const body = JSON.stringify({ type: 'approval.requested', approval: question })
  let failure: unknown
  for (const wait of tries) {
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait).unref())
    if (Date.now() >= expiresAt) break
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [header]: webhookSignature(secret, body, Date.now()), 'idempotency-key': id },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(patience),
      })
      if (response.ok) return answerIn(await response.text(), response.headers.get(header), secret)
      failure = new Error(`it answered ${response.status}`)
    } catch (error) {
      failure = error
    }
  }
  throw new Error(`The approval webhook could not be told of \`${id}\`: answer it through \`agent.approvals\``, { cause: failure })
}

/** Throws for an answer that its receiver did not sign: anyone could have given it. */
function answerIn(body: string, signature: string | null, secret: string): WebhookAnswer | undefined {
  if (body === '' || body.length > longest || signature === null) return undefined
  const at = Number(/^t=(\d+),/.exec(signature)?.[1])
  const [given, good] = [signature, webhookSignature(secret, body, at)].map((text) => Buffer.from(text))
  if (!given || !good || given.length !== good.length || !timingSafeEqual(given, good) || Math.abs(Date.now() - at) > fresh) {
    throw new TypeError('the signature of its answer is not good')
  }
  const said: unknown = JSON.parse(body)
  if (typeof said !== 'object' || said === null || !('approved' in said) || !('by' in said)) return undefined
  const { approved, by } = said
  if (typeof approved !== 'boolean' || typeof by !== 'string') return undefined
  return { approved, by, ...('reason' in said && typeof said.reason === 'string' && { reason: said.reason }) }
}
