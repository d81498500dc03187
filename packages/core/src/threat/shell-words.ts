/** Past blanks and the signs that may stand before a command's name. */
export function skipBlank(text: string, from: number): number {
  let at = from
  while (
    at < text.length &&
    at < from + 40 &&
    (text.charCodeAt(at) <= 32 || '({!@+"\''.includes(text[at] ?? '') || text.startsWith('${ifs}', at))
  ) {
    at += text[at] === '$' ? 6 : 1
  }
  return at
}

const programSuffix = /(?:\.(?:exe|bat|com|cmd))$|(?<=^(?:python|pip|perl|php|ruby|lua|gcc|node|nc))[\d.]+$/

/** A path from the root, a home, here or above, or through a folder of programs. */
const leads = /^[/.~?*[{]|^[a-z]:[\\/]|(?:^|\/)s?bin\/|^\w{1,20}\/[\w-]{1,20}$/

/** The name of a program without its folder, its suffix and its version. Only what leads to a file is a folder, no name of a package. */
export function programName(value: string): string {
  if (value.includes('/') && !leads.test(value)) return value
  const slash = Math.max(value.lastIndexOf('/'), value.startsWith('c:') ? value.lastIndexOf('\\') : -1)
  const name = slash < 0 ? value : value.slice(slash + 1)
  const last = name.charCodeAt(name.length - 1)
  // Only a digit or what follows a dot can be taken off.
  return (last >= 48 && last <= 57) || name.includes('.') ? name.replace(programSuffix, '') : name
}

/** One word as the shell sees it: quotes and backslashes gone, expansions that give nothing gone. At most 80 units are read. */
export function shellWord(text: string, from: number): { readonly value: string; readonly end: number; readonly hidden: boolean } {
  const last = Math.min(text.length, from + 80)
  let at = from
  while (at < last && ordinary(text.charCodeAt(at))) at++
  // Most words have nothing that a shell would take out of them.
  if (at === last || (at > from && ends(text.charCodeAt(at)))) return { value: text.slice(from, at), end: at, hidden: false }
  let value = text.slice(from, at)
  let hidden = false
  while (at < last) {
    const sign = text[at] ?? ''
    if (sign <= ' ' || ';|&<>(),'.includes(sign) || (sign === '+' && value !== '')) {
      if ((sign === '<' || sign === '(') && text[at + 1] === ')') {
        at += 2
        hidden = true
        continue
      }
      if (sign === '<' && text.startsWith('<()', at)) {
        at += 3
        hidden = true
        continue
      }
      break
    }
    if ((sign === '"' || sign === "'") && value !== '' && !closes(text, at, last)) {
      // An apostrophe: `I'd` is no command.
      value += sign
      at++
    } else if (sign === '"' || sign === "'" || sign === '^') {
      if (value !== '' && /[\w"']/.test(text[at + 1] ?? '')) hidden = true
      at++
    } else if (sign === '\\') {
      if (value.startsWith('c:') || text[at - 1] === '\\' || /^[a-z]:/.test(value)) value += sign
      else if (value !== '') hidden = true
      at++
    } else if (sign === '`') {
      if (text[at + 1] !== '`') break
      hidden = true
      at += 2
    } else if (sign === '$') {
      const size = expansion(text, at)
      if (size === 0) {
        value += sign
        at++
      } else if (size < 0) break
      else {
        hidden = hidden || value !== ''
        at += size
      }
    } else {
      value += sign
      at++
    }
  }
  return { value, end: at, hidden: hidden && value.length > 1 }
}

/** How long an expansion that likely gives nothing is: `$@`, `$u`, `$()`, `${x}`; negative when it separates words. */
function expansion(text: string, at: number): number {
  const next = text[at + 1] ?? ''
  if (next === '(') return text[at + 2] === ')' ? 3 : -1
  if (next === '{') {
    if (text.startsWith('ifs', at + 2)) return -1
    const close = text.indexOf('}', at)
    return close > 0 && close - at < 20 ? close - at + 1 : 0
  }
  if (next === "'" || next === '"') return 1
  if (text.startsWith('ifs', at + 1)) return -1
  if ('@*#?!$-_'.includes(next) && next !== '') return 2
  return /[a-z0-9]/.test(next) && !/\w/.test(text[at + 2] ?? '') ? 2 : 0
}

/** Whether a quote inside a word has its partner in the same word, or had it: what one of them quotes is not cut by blanks. */
function closes(text: string, at: number, last: number): boolean {
  const quote = text[at]
  let count = 0
  let from = at
  while (from > at - 80 && from > 0 && text.charCodeAt(from - 1) > 32) from--
  for (let next = from; next < last && text.charCodeAt(next) > 32; next++) if (text[next] === quote) count++
  return count > 1
}

/** 1 for a sign that stands for itself in a word, 2 for one that ends it whatever follows. */
const roles = new Uint8Array(128).fill(1)
for (let code = 0; code <= 32; code++) roles[code] = 2
for (const sign of ';|&>),+') roles[sign.charCodeAt(0)] = 2
for (const sign of '<("\'^\\`$') roles[sign.charCodeAt(0)] = 0

const ordinary = (code: number): boolean => code > 127 || roles[code] === 1
const ends = (code: number): boolean => code < 128 && roles[code] === 2
