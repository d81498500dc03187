import { createHmac, timingSafeEqual } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { Approval } from '@agentgate/core'
import { checkAddress, guardedLookup, isIP, listOf } from './webhook-address.ts'

export interface Webhook {
  readonly url: string
  /** Shared with the receiver, 32 characters or more: it signs what is sent, and what the receiver answers. */
  readonly secret: string
  /** Networks that are told besides the public Internet: `10.1.0.0/16`. */
  readonly networks?: readonly string[]
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
export function checkWebhook({ url, secret, networks = [] }: Webhook): void {
  listOf(networks)
  const at = URL.canParse(url) ? new URL(url) : undefined
  const here = at !== undefined && isHere(at)
  if (!at || (at.protocol !== 'https:' && !here) || at.username !== '' || at.password !== '') {
    throw new TypeError(`\`webhook\` is ${JSON.stringify(url)}: give an https address without credentials, or http on this machine`)
  }
  if (secret.length < 32)
    throw new TypeError('`webhookSecret` signs what is sent: give 32 characters or more, the same that the receiver has')
}

/**
 * Tells the receiver of a held call, masked: three tries, no redirects, and no address but of the public Internet, of `networks`, or of
 * this machine where the URL itself says so. Answers what it decided at once, if it did and signed it.
 * Rejects when it could not be told, or answered what it did not sign.
 */
export async function tell({ url, secret, networks = [] }: Webhook, asked: Approval): Promise<WebhookAnswer | undefined> {
  const { id, call, why, askedAt, expiresAt, quorum } = asked
  const { tool, action, resource, input } = call
  const question = { id, tool: tool.name, action, resource, input, why, asked_at: askedAt, expires_at: expiresAt, quorum }
  const body = JSON.stringify({ type: 'approval.requested', approval: question })
  let failure: unknown
  for (const wait of tries) {
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait).unref())
    if (Date.now() >= expiresAt) break
    try {
      const headers = {
        'content-type': 'application/json',
        [header]: webhookSignature(secret, body, Date.now()),
        'idempotency-key': id,
      }
      const { status, text, signature } = await post(new URL(url), networks, headers, body)
      if (status >= 200 && status < 300) return answerIn(text, signature, secret)
      failure = new Error(`it answered ${status}`)
    } catch (error) {
      failure = error
    }
  }
  throw new Error(`The approval webhook could not be told of \`${id}\`: answer it through \`agent.approvals\``, { cause: failure })
}

/** `http:` on this machine, by a name or address that says so. */
function isHere({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

interface Posted {
  readonly status: number
  readonly text: string
  readonly signature: string | null
}

async function post(url: URL, networks: readonly string[], headers: OutgoingHttpHeaders, body: string): Promise<Posted> {
  const allowed = listOf(isHere(url) ? [...networks, '127.0.0.0/8', '::1'] : networks)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // A socket looks up names only.
  if (isIP(host) !== 0) checkAddress(host, allowed)
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: guardedLookup(allowed),
      signal: AbortSignal.timeout(patience),
      agent: false,
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const parts: Buffer[] = []
      let length = 0
      response.on('error', reject)
      response.on('data', (part: Buffer) => {
        length += part.length
        if (length > longest) sent.destroy(new RangeError('its answer is too long'))
        else parts.push(part)
      })
      response.on('end', () => {
        const signature = response.headers[header]
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(parts).toString('utf8'),
          signature: typeof signature === 'string' ? signature : null,
        })
      })
    })
    sent.end(body)
  })
}

/** Throws for an answer that its receiver did not sign: anyone could have given it. */
function answerIn(body: string, signature: string | null, secret: string): WebhookAnswer | undefined {
  if (body === '' || signature === null) return undefined
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
