const joined: { readonly [letter: string]: string } = {
  ß: 'ss',
  ø: 'o',
  æ: 'ae',
  ł: 'l',
  ð: 'd',
  đ: 'd',
  þ: 'th',
  ı: 'i',
  œ: 'oe',
  '’': "'",
}

/** A word as the lists have it: lower case, without accents. ASCII where the letters are Latin. */
export function fold(word: string): string {
  const lower = word.toLowerCase()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is ASCII already stays as it is
  if (/^[\x00-\x7f]*$/.test(lower)) return lower
  return lower
    .replace(/[ßøæłðđþıœ’]/g, (letter) => joined[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
}
