/** The first that a user agent names is what it is: most name others for company. */
const families: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bFirefox\b|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^(?:node|undici)\b/, 'Node.js'],
  [/^python-/, 'Python'],
]

/** What of a user agent is kept: the product, without version, device or anything else that it says. */
export function familyOf(userAgent: string): string {
  const start = userAgent.slice(0, 1000)
  return families.find(([pattern]) => pattern.test(start))?.[1] ?? 'other'
}
