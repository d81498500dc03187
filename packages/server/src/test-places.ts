/** A file in MaxMind DB format of these IPv4 networks: what a vendor of places would deliver. https://maxmind.github.io/MaxMind-DB/ */
export function placesFile(networks: { readonly [cidr: string]: Value }): Buffer {
  const records: { left: number | Buffer; right: number | Buffer }[] = [{ left: none, right: none }]
  for (const [cidr, entry] of Object.entries(networks)) {
    const [address = '', length = '32'] = cidr.split('/')
    const bits = address.split('.').flatMap((byte) => [...Number(byte).toString(2).padStart(8, '0')])
    let at = 0
    bits.slice(0, Number(length)).forEach((bit, index) => {
      const side = bit === '1' ? 'right' : 'left'
      const node = records[at]
      if (!node) throw new Error('no such node')
      if (index + 1 === Number(length)) node[side] = encoded(entry)
      else if (node[side] === none) at = node[side] = records.push({ left: none, right: none }) - 1
      else at = node[side] as number
    })
  }
  const data: Buffer[] = []
  let size = 0
  const pointer = (record: number | Buffer) => {
    if (record === none) return records.length
    if (typeof record === 'number') return record
    data.push(record)
    size += record.length
    return records.length + 16 + size - record.length
  }
  const tree = records.flatMap(({ left, right }) => [left, right].map((record) => bytesOf(pointer(record), 3)))
  const metadata = {
    node_count: records.length,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test-City',
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    languages: 'en',
  }
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), encoded(metadata)])
}

type Value = string | number | { readonly [name: string]: Value }

const none = -1

/** A float is a double, a whole number an unsigned one of 32 bits. */
function encoded(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([head(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'object') {
    const members = Object.entries(value)
    return Buffer.concat([head(7, members.length), ...members.flatMap(([name, each]) => [encoded(name), encoded(each)])])
  }
  if (Number.isInteger(value) && value >= 0) return Buffer.concat([head(6, 4), bytesOf(value, 4)])
  const double = Buffer.alloc(8)
  double.writeDoubleBE(value)
  return Buffer.concat([head(3, 8), double])
}

const head = (type: number, size: number) => Buffer.from([(type << 5) | size])

function bytesOf(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}
