/** Whether a program with these arguments destroys the machine it runs on: its system, its disks, a home. */
export function ruins(name: string, rest: readonly string[]): boolean {
  const flags = rest.filter((value) => value.startsWith('-') && value !== '-')
  const targets = rest.filter((value) => !value.startsWith('-'))
  if (name.startsWith('mkfs')) return targets.some(isDevice)
  switch (name) {
    case 'rm':
      return flags.length > 0 && targets.some(isVital)
    case 'shred':
    case 'wipefs':
    case 'blkdiscard':
    case 'tee':
      return targets.some(isDevice)
    case 'truncate':
      return flags.length > 0 && targets.some((value) => isDevice(value) || isOfSystem(value))
    case 'dd':
      return targets.some((value) => value.startsWith('of=') && isDevice(value.slice(3)))
    case 'cp':
      return isDevice(targets.at(-1) ?? '')
    case 'chmod':
    case 'chown':
    case 'chgrp':
      return flags.some((value) => /^-\w{0,3}r|^--recursive$/.test(value)) && targets.slice(1).some(isVital)
    case 'mv':
      return targets.at(-1) === '/dev/null' && targets.some(isVital)
    case 'find': {
      const first = rest.findIndex((value) => value.startsWith('-'))
      const roots = rest.slice(0, first < 0 ? rest.length : first)
      const removes = rest.some(
        (value, at) => value === '-delete' || (/^-(?:exec|ok)(?:dir)?$/.test(value) && /^(?:\S*\/)?(?:rm|shred)$/.test(rest[at + 1] ?? '')),
      )
      // With a name, a kind or an age, it looks for something.
      return (
        removes &&
        roots.some(isVital) &&
        !rest.some((value) => /^-(?:i?name|i?path|i?regex|[acm](?:time|min)|newer|size|empty)$/.test(value))
      )
    }
    default:
      return false
  }
}

const isDevice = (value: string): boolean => /^\/dev\/(?:[shvx]v?d[a-z]|nvme|disk|mmcblk|mapper|md\d|r?disk)/.test(value)

const isOfSystem = (value: string): boolean => /^\/(?:etc|boot|bin|sbin|lib(?:32|64)?|usr)\/./.test(value)

const system: ReadonlySet<string> = new Set(
  'bin boot dev etc home lib lib32 lib64 opt proc root sbin srv sys usr var users system library applications windows'.split(' '),
)
const inner: ReadonlySet<string> = new Set('usr/bin usr/sbin usr/lib usr/lib64 usr/local usr/share var/lib windows/system32'.split(' '))

/** Whether a path is a root, a home, a folder of the system, or all there is in one of them. Case does not count. */
export function isVital(value: string): boolean {
  const path = value.toLowerCase().replaceAll('\\', '/')
  if (/^[a-z]:\/?\*?$/.test(path) || /^(?:\.\.\/?){4,}\*?$/.test(path)) return true
  const own = /^(?:~\w{0,20}|\$home|\$\{home\}|%userprofile%)(?:\/(.*))?$/.exec(path)
  if (own) return /^(?:\.?\*?|\.\/\*?|\{.{1,20}\})$/.test(own[1] ?? '')
  const rooted = path.replace(/^[a-z]:/, '')
  if (!rooted.startsWith('/')) return false
  const places: string[] = []
  for (const place of rooted.split('/')) {
    if (place === '..') places.pop()
    else if (place !== '' && place !== '.') places.push(place)
  }
  if (/^(?:\.?\*|\.\[.{1,5}\]\*|\{[.*,]{1,8}\})$/.test(places.at(-1) ?? '')) places.pop()
  const [first] = places
  if (first === undefined) return true
  if (places.length === 1) return system.has(first) || /[*?{[]/.test(first)
  return places.length === 2 && inner.has(places.join('/'))
}
