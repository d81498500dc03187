/** The door for those who only verify: nothing behind it needs Node, so it opens in a browser too. */
export * from './evidence/trust.ts'
export * from './evidence/verify.ts'
