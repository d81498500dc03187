const key = 'agentgate.pinned'

/** The keys that this person pinned in this browser, as they were given. Nothing is pinned unless a person did it. */
export function pinnedText(): string {
  return localStorage.getItem(key) ?? ''
}

/** Keeps the pin, or forgets it when `text` is empty. */
export function pin(text: string): void {
  if (text.trim()) localStorage.setItem(key, text.trim())
  else localStorage.removeItem(key)
}

/** What a verification came to, in the words shown. Only `valid` is ever shown as valid. */
export function conclusion(code: 'valid' | 'invalid' | 'untrusted-key' | 'refused'): { readonly title: string; readonly means: string } {
  switch (code) {
    case 'valid':
      return {
        title: 'Valid',
        means: 'Every check passed against the key you pinned. A split view of the ledger is not excluded without a witness.',
      }
    case 'invalid':
      return { title: 'Invalid', means: 'At least one check failed: do not rely on this bundle.' }
    case 'untrusted-key':
      return {
        title: 'Untrusted key',
        means: 'Nobody pinned the key that signed this, so nothing is known about it. Pin the key that its owner gave you.',
      }
    case 'refused':
      return { title: 'Not a bundle', means: 'The file is not an evidence bundle in its exact form: nothing was checked.' }
  }
}
