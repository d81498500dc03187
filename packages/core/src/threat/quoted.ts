import { isSqlSyntax } from './sql-words.ts'

/** Quoted code of Markdown: a line of three backticks, its lines, another. */
export const fence = /^ {0,3}```[\w+-]{0,20}[ \t]{0,20}\n(?:(?! {0,3}```)[^\n]{0,4000}\n){1,4000} {0,3}```[ \t]{0,20}$/gm

const inline = /(?<![\w`\\=/$])`[^`\n]{1,400}`(?![\w`])/g
const row = /^[ \t]{0,8}\|[^\n]{1,2000}\|[ \t]{0,8}$/gm
const ruler = /^[ \t]{0,8}\|?[ \t]{0,8}:?-{2,40}:?[ \t]{0,8}\|[ \t:|-]{0,400}$/m
/** Stands for a piece of code in a sentence; means nothing in any language judged here. */
const stand = 'snippet'

/**
 * What a message of Markdown says around the code that it quotes, with the bars of its tables gone: `undefined` when it quotes none, or says
 * nothing but code. Linear; nothing is quoted in the result.
 */
export function aroundQuoted(text: string): string | undefined {
  // What begins with a separator goes on with something, and quotes nothing.
  if (/^\s{0,40}[;|&$)]/.test(text) && !ruler.test(text)) return undefined
  let pieces = 0
  let behindSeparator = false
  const open = text.replace(fence, '\n')
  const plain = open.replace(inline, (_, at: number) => {
    pieces++
    if (/(?:[;|&<]|(?<!-)>)\s{0,4}$/.test(open.slice(Math.max(0, at - 5), at))) behindSeparator = true
    return stand
  })
  if (plain.includes('`')) return undefined
  const table = plain.includes('|') && ruler.test(plain)
  const said = table ? plain.replace(ruler, '').replace(row, (line) => line.replaceAll('|', ' , ')) : plain
  if (open.length === text.length && pieces === 0 && !table) return undefined
  if (open.length !== text.length || table) return said
  const words = (said.replaceAll(stand, ' ').match(/\p{L}{2,}/gu) ?? []).filter((word) => isSaid(word.toLowerCase())).length
  const listed = pieces > 1 && /^[\s,/&+.!?*_-]*$/.test(said.replaceAll(stand, ' '))
  return listed || words > (behindSeparator ? 1 : 0) ? said : undefined
}

/** Whether a word is there for people: no piece of a query, and nothing that runs what is quoted. */
const isSaid = (word: string): boolean => !typed.has(word) && (!isSqlSyntax(word) || everyday.has(word))
const typed: ReadonlySet<string> = new Set('eval exec source echo printf bash sh zsh sudo xargs export cat'.split(' '))
const everyday: ReadonlySet<string> = new Set(
  'or and not in is like use show call with for on then when if else end begin rename replace copy print explain describe'.split(' '),
)
