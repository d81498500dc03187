/** A stretch of a value that a receiver would take out of its wrapping and use by itself. */
export interface Part {
  readonly start: number
  readonly end: number
}

/**
 * The values that a value wraps: parameters of a URL, an assignment's right side, the local part of an address, quoted members of JSON and
 * attributes of XML, what a fence of Markdown holds, and what is left when an identifying number stands at either end. None overlap within a wrapping; linear.
 */
export function parts(text: string): readonly Part[] {
  const found: Part[] = []
  const add = (start: number, end: number): void => {
    let from = start
    let to = end
    while (from < to && /[\s"']/.test(text[from] ?? '') && text[from] === text[to - 1]) {
      from++
      to--
    }
    if (to - from > 1 && to - from < text.length) found.push({ start: from, end: to })
  }
  if (/^\s{0,10}[{[<]/.test(text))
    for (const match of text.matchAll(/"([^"<]{2,2000})"|"([^"]{2,2000})"/g)) add(match.index + 1, match.index + match[0].length - 1)
  if (text.includes('filename="'))
    for (const match of text.matchAll(/filename="([^"]{2,200})"/g)) add(match.index + 10, match.index + match[0].length - 1)
  const fenced = /^\s{0,4}```[\w+-]{0,20}\n(?=[\s\S]{1,100000}\n```\s{0,4}$)/.exec(text)
  if (fenced) add(fenced[0].length, text.lastIndexOf('\n```'))
  const assigned = /^\s{0,4}[\w.[\]-]{1,40}\s?=(?!=)/.exec(text)
  if (assigned && form.test(text)) for (const match of text.matchAll(/=([^&\s]+)/g)) add(match.index + 1, match.index + match[0].length)
  else if (assigned) add(assigned[0].length, text.length)
  if (/^(?:[a-z][\w+.-]{1,12}:\/\/|\/|[\w.-]{1,60}\?)/i.test(text)) {
    const path = /^(?:[a-z][\w+.-]{1,12}:\/\/[^/?#]{0,200})?([^?#]{0,2000})/i.exec(text)
    if (path?.[1])
      for (const match of path[1].matchAll(/[^/]{2,}/g))
        add(path[0].length - path[1].length + match.index, path[0].length - path[1].length + match.index + match[0].length)
    const tail = path?.[1]?.lastIndexOf('/') ?? -1
    const line = text.search(/[\r\n]/)
    if (path && tail >= 0) add(path[0].length - (path[1]?.length ?? 0) + tail + 1, line > path[0].length ? line : text.length)
    for (const match of text.matchAll(/[?&#;]([\w.[\]-]{1,40}=)?([^&#\r\n]{2,4000})/g))
      add(match.index + 1 + (match[1]?.length ?? 0), match.index + match[0].length)
  }
  const mailbox = text.includes('@') ? /^(?:mailto:)?(.{1,1000})@[a-z0-9][\w.-]{0,100}[\s">]{0,3}$/is.exec(text) : null
  if (mailbox?.[1]) add(text.indexOf(mailbox[1]), text.indexOf(mailbox[1]) + mailbox[1].length)
  const before = /^[\s(+]{0,3}(?:[a-z]{2}\d{2}[a-z0-9 ]{8,32}|[\d][\d .():-]{5,40}\d)[\s,:;]{0,3}/i.exec(text)
  const after = /[\s,:;]{0,3}(?:[a-z]{2}\d{2}[a-z0-9 ]{8,32}|[\d(+][\d .():-]{5,40}\d)$/i.exec(text.slice(-60))
  const start = before ? before[0].length : 0
  const end = after ? text.length - after[0].length : text.length
  if (before || after) add(start, end)
  return found
}

/** Form data: names and values that hold no sign which would end them. */
const form = /^[\w.[\]%-]{1,60}=[^&=\s]{0,2000}(?:&[\w.[\]%-]{1,60}=[^&=\s]{0,2000}){1,5000}&?$/
