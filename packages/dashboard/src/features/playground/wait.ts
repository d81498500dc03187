/** When a call refused by a limit could pass: by the server's clock, milliseconds since 1970. */
export function passesAgain(at: string, reason: { readonly retry_after_ms?: number | undefined } | undefined): number | undefined {
  return reason?.retry_after_ms === undefined ? undefined : Date.parse(at) + reason.retry_after_ms
}

/** A new conversation's id: random, so that nobody can guess into it. */
export function newSession(): string {
  return `chat-${crypto.randomUUID()}`
}
