import { createHmac, timingSafeEqual } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import { AddressRefused, checkAddress, guardedLookup, isIP, listOf } from './webhook-address.ts'

export { listOf as webhookNetworks } from './webhook-address.ts'

export interface Webhook {
  readonly url: string
  /** Shared with the receiver: it signs what is sent. Absent where the address itself is the secret. */
  readonly secret?: string
  /** Networks that are told besides the public Internet: `10.1.0.0/16`. */
  readonly networks?: readonly string[]
}

export interface Message {
  /** The same however often it is sent: the receiver's `idempotency-key`. */
  readonly id: string
  readonly body: string
  /** Milliseconds since 1970 from which on it is not sent any more. */
  readonly until: number
}

export interface Retrying {
  /** Milliseconds before each try. */
  readonly tries?: readonly number[]
  /** Milliseconds that one try may take. */
  readonly patience?: number
  readonly signal?: AbortSignal
  /** Throws for an answer that is not good: then it is tried again. */
  readonly check?: (received: Received) => void
  /** Hears of each try that failed. */
  readonly failed?: (error: Undelivered) => void
}

export interface Received {
  readonly text: string
  /** The receiver's own signature, where it answered one. */
  readonly signature: string | null
}

/** The receiver was not told. The message holds nothing of its address. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered'
  readonly code: 'answered' | 'unreachable' | 'address-refused' | 'too-late'
  /** What it answered instead of success. */
  readonly status?: number

  constructor(code: Undelivered['code'], message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause })
    this.code = code
    if (status !== undefined) this.status = status
  }
}

const header = 'agentgate-signature'
const usualTries = [0, 1_000, 5_000]
const usualPatience = 10_000
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

/** Whether a body was signed with this secret, no more than five minutes from now. */
export function isWebhookSignature(secret: string, body: string, signature: string): boolean {
  const at = Number(/^t=(\d+),/.exec(signature)?.[1])
  const [given, good] = [signature, webhookSignature(secret, body, at)].map((text) => Buffer.from(text))
  return given?.length === good?.length && !!given && !!good && timingSafeEqual(given, good) && Math.abs(Date.now() - at) <= fresh
}

/** Whether something may be sent there: `https:` without credentials, or `http:` on this machine. */
export function isWebhookUrl(url: string): boolean {
  const at = URL.canParse(url) ? new URL(url) : undefined
  return at !== undefined && (at.protocol === 'https:' || isHere(at)) && at.username === '' && at.password === ''
}

/**
 * Posts a message, signed anew at each try, without following redirects, and to no address but of the public Internet, of `networks`,
 * or of this machine where the URL itself says so. Rejects with the last `Undelivered`, or with the reason of `signal`.
 */
export async function deliver({ url, secret, networks = [] }: Webhook, message: Message, retrying: Retrying = {}): Promise<Received> {
  const { tries = usualTries, patience = usualPatience, signal, check, failed } = retrying
  const { id, body, until } = message
  let failure = new Undelivered('too-late', 'its time was over')
  for (const wait of tries) {
    if (wait > 0) await pause(wait, signal)
    signal?.throwIfAborted()
    if (Date.now() >= until) break
    try {
      const headers = {
        'content-type': 'application/json',
        ...(secret !== undefined && { [header]: webhookSignature(secret, body, Date.now()) }),
        'idempotency-key': id,
      }
      const timeout = AbortSignal.timeout(patience)
      const { status, ...received } = await post(
        new URL(url),
        networks,
        headers,
        body,
        signal ? AbortSignal.any([signal, timeout]) : timeout,
      )
      if (status >= 200 && status < 300) {
        check?.(received)
        return received
      }
      failure = new Undelivered('answered', `it answered ${status}`, { status })
    } catch (cause) {
      signal?.throwIfAborted()
      failure =
        cause instanceof AddressRefused
          ? new Undelivered('address-refused', 'its address may not be used', { cause })
          : new Undelivered('unreachable', 'it gave no good answer', { cause })
    }
    failed?.(failure)
  }
  throw failure
}

/** Ends early when aborted, and keeps no process alive. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    timer.unref()
    signal?.addEventListener('abort', end)
  })
}

/** `http:` on this machine, by a name or address that says so. */
function isHere({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

async function post(
  url: URL,
  networks: readonly string[],
  headers: OutgoingHttpHeaders,
  body: string,
  signal: AbortSignal,
): Promise<Received & { readonly status: number }> {
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
      signal,
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
