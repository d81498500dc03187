import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Another detector of prompt injection, its own threshold, and its score of a text. */
export interface PromptPeer {
  readonly name: string
  readonly version: string
  readonly threshold: number
  readonly score: (text: string) => Promise<number>
}

/** Detectors on npm that are installed in the folder of `--peers=FOLDER`, or here; what is not installed is named by `missing`. */
export async function promptPeers(): Promise<{ readonly here: readonly PromptPeer[]; readonly missing: readonly string[] }> {
  const folder = resolve(process.argv.find((word) => word.startsWith('--peers='))?.slice('--peers='.length) ?? '.')
  const require = createRequire(join(folder, 'package.json'))
  const here: PromptPeer[] = []
  const missing: string[] = []
  for (const [name, threshold, open] of known) {
    try {
      const at = join(folder, 'node_modules', name)
      const { version, module } = require(join(at, 'package.json')) as { readonly version: unknown; readonly module?: string }
      const entry = module === undefined ? require.resolve(name) : join(at, module)
      const loaded = (await import(pathToFileURL(entry).href).catch(() => require(name) as unknown)) as Loaded
      const score = open(loaded)
      await score('hello')
      here.push({ name, version: String(version), threshold, score })
    } catch (error) {
      missing.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0]?.slice(0, 60) : 'does not load'}`)
    }
  }
  return { here, missing }
}

/** What the packages export, as far as it is used here; each has its own part. */
interface Loaded {
  readonly checkInjection: (text: string) => Promise<{ confidence: number }>
  readonly checkJailbreak: (text: string) => Promise<{ confidence: number }>
  readonly default: unknown
  readonly LLMGuard: new (options: object) => { validate: (text: string) => Promise<{ isValid: boolean }> }
}

const known: readonly (readonly [name: string, threshold: number, open: (loaded: Loaded) => PromptPeer['score']])[] = [
  [
    'llm_guardrail',
    0.5,
    ({ checkInjection, checkJailbreak }) =>
      async (text) =>
        Math.max((await checkInjection(text)).confidence, (await checkJailbreak(text)).confidence),
  ],
  [
    '@andersmyrmel/vard',
    0.5,
    ({ default: vard }) => {
      const guard = vard as { safe: (text: string) => { safe: boolean; threats?: readonly { severity: number }[] } }
      return async (text) => {
        const found = guard.safe(text)
        return found.safe ? 0 : Math.max(0.5, ...(found.threats ?? []).map(({ severity }) => severity))
      }
    },
  ],
  [
    'llm-guard',
    0.5,
    ({ LLMGuard }) => {
      const guard = new LLMGuard({ promptInjection: { enabled: true }, jailbreak: { enabled: true } })
      return async (text) => ((await guard.validate(text)).isValid ? 0 : 1)
    },
  ],
]
