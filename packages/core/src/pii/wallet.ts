import { digits, type Recognizer, shape } from './recognizer.ts'

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

/** Whether a segwit address has the checksum of BIP 173 (bech32) or BIP 350 (bech32m). */
function isBech32(address: string): boolean {
  const text = address.toLowerCase()
  const split = text.lastIndexOf('1')
  const prefix = Array.from(text.slice(0, split), (char) => char.charCodeAt(0))
  const data = Array.from(text.slice(split + 1), (char) => alphabet.indexOf(char))
  const values = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]
  let sum = 1
  for (const value of values) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].entries())
      if ((top >> bit) & 1) sum ^= generator
  }
  return sum === 1 || sum === 0x2bc830a3
}

const mixed = (found: string) => /\d/.test(found) && /[A-Z]/.test(found) && /[a-z]/.test(found)
const words =
  /\b(?:bitcoin|btc|wallet|crypto|address|ethereum|eth|litecoin|ltc|doge|dogecoin|ripple|xrp|monero|xmr|coin|payout|tron|trx|usdt|solana)\b/

export const wallet: readonly Recognizer[] = [
  shape({
    name: 'bitcoin',
    kind: 'CRYPTO',
    at: 'code',
    pattern: /(?<![\w]|[\w][-./+])[13][1-9A-HJ-NP-Za-km-z]{25,33}(?![\w]|[-/+=]\w)/y,
    valid: mixed,
    score: 0.6,
    near: words,
    nearScore: 0.9,
  }),
  shape({
    name: 'bitcoin-segwit',
    kind: 'CRYPTO',
    at: 'code',
    pattern: /(?<![\w]|[\w][-./])(?:bc1|BC1|tb1|ltc1)[02-9ac-hj-np-zAC-HJ-NP-Z]{11,87}(?!\w)/y,
    valid: isBech32,
    score: 0.98,
  }),
  shape({
    name: 'ethereum',
    kind: 'CRYPTO',
    at: digits(1, 1),
    pattern: /(?<![\w])0x[0-9A-Fa-f]{40}(?!\w)/y,
    score: 0.75,
    near: words,
    nearScore: 0.95,
  }),
  shape({
    name: 'altcoin',
    kind: 'CRYPTO',
    at: 'code',
    pattern:
      /(?<![\w]|[\w][-./+])(?:[LMDT][1-9A-HJ-NP-Za-km-z]{25,33}|r[1-9A-HJ-NP-Za-km-z]{24,34}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93})(?![\w]|[-/+=]\w)/y,
    valid: mixed,
    score: 0,
    near: words,
    nearScore: 0.8,
  }),
]
