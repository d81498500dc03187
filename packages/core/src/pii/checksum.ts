/** Whether the digits pass the Luhn check (ISO/IEC 7812-1, annex B). */
export function luhn(digits: string): boolean {
  let sum = 0
  for (let index = digits.length - 1, double = false; index >= 0; index--, double = !double) {
    const digit = digits.charCodeAt(index) - 48
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

/** Whether an IBAN without separators, in upper case, has the check digits of ISO 13616 (mod 97 is 1). */
export function mod97(iban: string): boolean {
  let rest = 0
  for (let index = 0; index < iban.length; index++) {
    const code = iban.charCodeAt((index + 4) % iban.length)
    rest = code > 64 ? (rest * 100 + code - 55) % 97 : (rest * 10 + code - 48) % 97
  }
  return rest === 1
}

/** Whether the weighted sum of the digits is a multiple of `modulus`. */
export function weighted(digits: string, weights: readonly number[], modulus: number): boolean {
  return weights.reduce((sum, weight, index) => sum + weight * (digits.charCodeAt(index) - 48), 0) % modulus === 0
}

/** Nine digits of an American Bankers Association routing number: a prefix in use, and its check digit. */
export function abaRouting(digits: string): boolean {
  const prefix = Number(digits.slice(0, 2))
  const used = prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix === 80
  return used && digits !== '000000000' && weighted(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1], 10)
}

/** Ten digits of a National Provider Identifier: Luhn over the issuer's prefix 80840 and the number. */
export function npi(digits: string): boolean {
  return /^[12]/.test(digits) && luhn(`80840${digits}`)
}

/** Ten digits of an NHS number: mod 11. */
export function nhs(digits: string): boolean {
  return weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 11) && !/^(\d)\1+$/.test(digits)
}

/** Seven digits of a registration with the Drug Enforcement Administration: the last is the check digit. */
export function dea(digits: string): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, check = 0] = Array.from(digits, Number)
  return (a + c + e + 2 * (b + d + f)) % 10 === check
}
