import { honeyTokensContract } from './honey-tokens.contract.ts'
import { memoryHoneyTokens } from './honey-tokens.ts'

honeyTokensContract('memory', memoryHoneyTokens)
