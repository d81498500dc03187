/** A text, and what it matches where it is a regular expression that spells one thing out: `jane@x\.co` and `jane[@]x[.]co`. */
export function speltOut(text: string): readonly string[] {
  const meant = text.replaceAll(/\\([^a-zA-Z0-9])/g, '$1').replaceAll(/\[(.)\]/g, '$1')
  const bare = meant.replaceAll(/^\^|\$$/g, '')
  return [...new Set([text, meant, bare])]
}
