/**
 * An address as policies see it: IPv6 that wraps IPv4 (`::ffff:10.0.0.1`) is that IPv4, so that a rule on a range cannot
 * be stepped around; zone ids are dropped. `::` stands for "no address known".
 */
export function sourceAddress(address: string): string {
  const bare = address.replace(/%.*$/u, '')
  const dotted = /^(?:0{1,4}:){0,5}:{0,2}(?:0{1,4}:)*ffff:(\d{1,3}(?:\.\d{1,3}){3})$/iu.exec(bare)?.[1]
  if (dotted !== undefined) return dotted
  const hex = /^(?:0{1,4}:){0,5}:{0,2}(?:0{1,4}:)*ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/iu.exec(bare)
  if (hex === null) return bare
  const [high, low] = [Number.parseInt(hex[1] ?? '0', 16), Number.parseInt(hex[2] ?? '0', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
