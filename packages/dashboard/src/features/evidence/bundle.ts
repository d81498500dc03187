import { Problem } from '@agentgate/api'
import { send } from '../../app/client.ts'

/** The evidence bundle of a decision, byte for byte: parsing and writing it again could change what its hashes cover. */
export async function bundleBytes(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await send(`/api/certificates/${encodeURIComponent(id)}/bundle`, { credentials: 'same-origin' })
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  throw new Problem({
    type: 'no-bundle',
    title: response.statusText,
    status: response.status,
    detail: `The bundle could not be fetched: the server answered ${response.status}.`,
    instance: response.headers.get('x-request-id') ?? '',
  })
}

/** Hands the bundle to the person as `<id>.agentgate.json`. */
export async function download(id: string): Promise<void> {
  hand(new Blob([await bundleBytes(id)], { type: 'application/vnd.agentgate.bundle+json' }), `${id}.agentgate.json`)
}

/** Hands a file to the person. */
export function hand(file: Blob, name: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
