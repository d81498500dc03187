/** A file in an archive. */
export interface Packed {
  readonly name: string
  readonly text: string
}

const block = 512
const utf8 = new TextEncoder()

/** The files as a POSIX ustar archive (IEEE 1003.1, pax, "ustar Interchange Format"). Names are ASCII of at most 100 characters. */
export function tar(files: readonly Packed[], now: number): Blob {
  const parts = files.flatMap(({ name, text }) => {
    const bytes = utf8.encode(text)
    return [header(name, bytes.length, now), bytes, new Uint8Array((block - (bytes.length % block)) % block)]
  })
  return new Blob([...parts, new Uint8Array(2 * block)], { type: 'application/x-tar' })
}

function header(name: string, size: number, now: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(block)
  const put = (at: number, text: string) => bytes.set(utf8.encode(text), at)
  const octal = (at: number, length: number, value: number) => put(at, value.toString(8).padStart(length - 1, '0'))
  if (!/^[\x20-\x7e]{1,100}$/.test(name)) throw new TypeError(`\`${name}\` is no name for an archive.`)
  put(0, name)
  octal(100, 8, 0o644)
  octal(108, 8, 0)
  octal(116, 8, 0)
  octal(124, 12, size)
  octal(136, 12, Math.floor(now / 1000))
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar\0' + '00')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return bytes
}
