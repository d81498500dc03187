import { deliver, isWebhookSignature, isWebhookUrl, type Received, type Webhook, webhookNetworks } from '@agentgate/api/webhook'
import type { Approval } from '@agentgate/core'

/** One whose receiver has the secret too, 32 characters or more: it signs what is sent, and what the receiver answers. */
export type ApprovalWebhook = Webhook & { readonly secret: string }

/** What a receiver may answer at once; who answers later does so through `agent.approvals`. */
export interface WebhookAnswer {
  /** Of the approval that it was told of: an answer to another decides nothing here. */
  readonly id: string
  readonly approved: boolean
  readonly by: string
  readonly reason?: string
}

/** Throws a `TypeError` for an address that nothing is sent to: `https:`, or `http:` on this machine. */
export function checkWebhook({ url, secret, networks = [] }: ApprovalWebhook): void {
  webhookNetworks(networks)
  if (!isWebhookUrl(url))
    throw new TypeError(`\`webhook\` is ${JSON.stringify(url)}: give an https address without credentials, or http on this machine`)
  if (secret.length < 32)
    throw new TypeError('`webhookSecret` signs what is sent: give 32 characters or more, the same that the receiver has')
}

/**
 * Tells the receiver of a held call, masked, in three tries. Answers what it decided at once, if it did and signed it.
 * Rejects when it could not be told, or answered what it did not sign.
 */
export async function tell(webhook: ApprovalWebhook, asked: Approval): Promise<WebhookAnswer | undefined> {
  const { id, call, why, askedAt, expiresAt, quorum } = asked
  const { tool, action, resource, input } = call
  const question = { id, tool: tool.name, action, resource, input, why, asked_at: askedAt, expires_at: expiresAt, quorum }
  const body = JSON.stringify({ type: 'approval.requested', approval: question })
  try {
    const read = (received: Received) => answerIn(received, webhook.secret, id)
    return read(await deliver(webhook, { id, body, until: expiresAt }, { check: (received) => void read(received) }))
  } catch (cause) {
    throw new Error(`The approval webhook could not be told of \`${id}\`: answer it through \`agent.approvals\``, { cause })
  }
}

/** Throws for an answer that its receiver did not sign, or signed for another question: anyone could have given it. */
function answerIn({ text, signature }: Received, secret: string, asked: string): WebhookAnswer | undefined {
  if (text === '' || signature === null) return undefined
  if (!isWebhookSignature(secret, text, signature)) throw new TypeError('the signature of its answer is not good')
  const said: unknown = JSON.parse(text)
  if (typeof said !== 'object' || said === null || !('approved' in said) || !('by' in said)) return undefined
  const { approved, by } = said
  if (typeof approved !== 'boolean' || typeof by !== 'string') return undefined
  if (!('id' in said) || said.id !== asked) throw new TypeError('its answer does not name the approval by its `id`')
  return { id: asked, approved, by, ...('reason' in said && typeof said.reason === 'string' && { reason: said.reason }) }
}
