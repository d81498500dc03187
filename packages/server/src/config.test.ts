import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ConfigError, envExample, readConfig } from './config.ts'
import { loadKeys } from './key-files.ts'

const key = () => randomBytes(32).toString('base64')
const demo = { AGENTGATE_ENV: 'demo' }
const production = () => ({
  AGENTGATE_URL: 'https://gate.example.com',
  SECRET_KEY: key(),
  AGENTGATE_DECISION_SIGNING_KEY: key(),
  AGENTGATE_AUDIT_KEY: key(),
  AGENTGATE_COMMITMENT_KEY: key(),
  PII_VAULT_KEY: key(),
})
function problemsOf(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}
const problemsIn = (env: Record<string, string>) => problemsOf(() => readConfig(env))
const namesIn = (env: Record<string, string>) => problemsIn(env).map((problem) => /^`(\w+)`/.exec(problem)?.[1])

describe('the configuration', () => {
  it('needs nothing for a demo, which listens on this machine only', () => {
    expect(readConfig(demo)).toEqual({
      mode: 'demo',
      host: '127.0.0.1',
      port: 3000,
      url: 'http://localhost:3000',
      data: resolve('.agentgate'),
      keys: {},
      solver: 'enforce',
      promptGuard: 'report',
      demo: {},
      allowedOrigins: [],
      trustedProxies: [],
      alerts: {},
      callMinutes: 60,
      behaviour: { anonymousRequests: 100, requests: 3_000, bytes: 10_000_000, refusals: 20 },
      providers: {},
      logLevel: 'info',
      warnings: [],
    })
    expect(namesIn({ ...demo, HOST: '0.0.0.0' })).toEqual(['HOST'])
    expect(namesIn({ AGENTGATE_ENV: 'development', HOST: '0.0.0.0' })).toEqual([])
    for (const HOST of ['localhost', '127.0.0.1', '127.9.9.9', '::1']) expect(namesIn({ ...demo, HOST })).toEqual([])
  })

  it('reads what is set, and takes empty for unset', () => {
    const set = {
      ...demo,
      PORT: '0',
      HOST: 'localhost',
      AGENTGATE_URL: 'https://gate.example.com/',
      AGENTGATE_DATA: '/var/lib/agentgate',
      AGENTGATE_DEMO_EMAIL: 'me@example.com',
      AGENTGATE_DEMO_PASSWORD: 'a long password',
      ALLOWED_ORIGINS: 'https://a.example.com, http://localhost:5173',
      TRUSTED_PROXIES: '10.0.0.0/8,::1',
      OPENAI_API_KEY: 'sk-1',
      OPENAI_BASE_URL: 'http://127.0.0.1:9000/v1',
      ANTHROPIC_BASE_URL: 'https://unused.example.com',
      LOG_LEVEL: 'debug',
      DATABASE_URL: '',
      SECRET_KEY: '',
    }
    expect(readConfig(set)).toMatchObject({
      port: 0,
      url: 'https://gate.example.com',
      data: '/var/lib/agentgate',
      demo: { email: 'me@example.com', password: 'a long password' },
      allowedOrigins: ['https://a.example.com', 'http://localhost:5173'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      providers: { openai: { key: 'sk-1', url: 'http://127.0.0.1:9000/v1' } },
      logLevel: 'debug',
      keys: {},
    })
  })

  it.each([
    ['AGENTGATE_ENV', 'staging'],
    ['PORT', '70000'],
    ['PORT', '3000x'],
    ['PORT', '-1'],
    ['HOST', 'a b'],
    ['AGENTGATE_URL', 'gate.example.org'],
    ['AGENTGATE_URL', 'https://gate.example.com/path'],
    ['AGENTGATE_URL', 'javascript:alert(1)'],
    ['SECRET_KEY', 'too short'],
    ['PII_VAULT_KEY', randomBytes(31).toString('base64')],
    ['PII_VAULT_KEY', randomBytes(32).toString('hex')],
    ['PII_VAULT_KEY', randomBytes(32).toString('base64url')],
    ['AGENTGATE_AUDIT_KEY', 'aws-kms://arn:aws:kms:eu-central-1:1:key/2'],
    ['AGENTGATE_Z3_MODE', 'on'],
    ['AGENTGATE_DEMO_EMAIL', 'nobody'],
    ['AGENTGATE_DEMO_PASSWORD', 'short'],
    ['AGENTGATE_DEMO_PASSWORD', 'é'.repeat(40)],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://a.example.com/x'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'proxy'],
    ['OPENAI_BASE_URL', 'file:///etc/passwd'],
    ['LOG_LEVEL', 'loud'],
    ['ALERT_WEBHOOK_URL', 'http://alerts.example.com/x'],
    ['ALERT_WEBHOOK_URL', 'https://user:word@alerts.example.com/x'],
    ['ALERT_WEBHOOK_SECRET', 'too short'],
    ['ALERT_WEBHOOK_NETWORKS', 'intranet'],
    ['AGENTGATE_WATCH_REQUESTS', '0'],
    ['AGENTGATE_WATCH_REFUSALS', '1000001'],
    ['AGENTGATE_WATCH_MEGABYTES', 'a lot'],
    ['SLACK_WEBHOOK_URL', 'hooks.slack.com/services/x'],
    ['DATABASE_URL', 'mysql://db.internal/agentgate'],
    ['DATABASE_URL', 'postgres://db.internal'],
    ['DATABASE_URL', 'postgres://db.internal/agentgate?sslmode=maybe'],
    ['REDIS_URL', 'redis://cache'],
    ['OIDC_ISSUER', 'https://id.example.com'],
    ['IDENTITY_PROVIDER_MODE', 'custom_oidc'],
  ])('refuses %s=%s in one line that names the variable and not the value', (name, value) => {
    const problems = problemsIn({ ...demo, AGENTGATE_ENV: 'development', [name]: value }).filter((each) => each.includes(`\`${name}\``))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^`\w+` .*: .*\.$/)
    if (value.length > 10) expect(problems[0]).not.toContain(value)
  })

  it('signs what an alert webhook is told, or does not start', () => {
    const ALERT_WEBHOOK_URL = 'https://alerts.example.com/x'
    expect(namesIn({ ...demo, ALERT_WEBHOOK_URL })).toEqual(['ALERT_WEBHOOK_SECRET'])
    const set = { ...demo, ALERT_WEBHOOK_URL, ALERT_WEBHOOK_SECRET: 'x'.repeat(32), ALERT_WEBHOOK_NETWORKS: '10.1.0.0/16' }
    expect(readConfig(set).alerts).toEqual({ webhook: { url: ALERT_WEBHOOK_URL, secret: 'x'.repeat(32), networks: ['10.1.0.0/16'] } })
  })

  it('tells every problem at once', () => {
    expect(namesIn({ ...demo, PORT: 'x', LOG_LEVEL: 'x', DATABASE_URL: 'x' })).toEqual(['PORT', 'DATABASE_URL', 'LOG_LEVEL'])
  })

  it('warns of variables of its own name that it does not know', () => {
    const { warnings } = readConfig({ ...demo, AGENTGATE_PROT: '3000', OTHER: 'x' })
    expect(warnings).toEqual(['`AGENTGATE_PROT` is not a variable that this AgentGate knows: it is ignored.'])
  })

  it('is `.env.example`, written out', async () => {
    await expect(envExample()).toMatchFileSnapshot('../../../.env.example')
  })
})

describe('production', () => {
  it('is what nobody chose, and proves what it decides', () => {
    expect(readConfig(production())).toMatchObject({ mode: 'production', solver: 'enforce' })
    expect(readConfig({ ...production(), AGENTGATE_Z3_MODE: 'shadow' }).solver).toBe('shadow')
  })

  it('does not start without the solver, and neither does a demo: development may', () => {
    for (const env of [production(), demo])
      expect(problemsIn({ ...env, AGENTGATE_Z3_MODE: 'off' })).toEqual([
        '`AGENTGATE_Z3_MODE` is `off`, and only development decides without proofs: use `enforce` or `shadow`.',
      ])
    expect(readConfig({ AGENTGATE_ENV: 'development', AGENTGATE_Z3_MODE: 'off' }).solver).toBe('off')
  })

  it('is refused without each of its secrets', () => {
    for (const name of Object.keys(production()).slice(1)) {
      expect(namesIn({ ...production(), [name]: '' })).toEqual([name])
    }
  })

  it('is refused with secrets that are weak, shared, or for everybody to read', () => {
    expect(namesIn({ ...production(), SECRET_KEY: 'change-me-change-me-change-me-change-me' })).toContain('SECRET_KEY')
    expect(namesIn({ ...production(), PII_VAULT_KEY: Buffer.alloc(32, 1).toString('base64') })).toContain('PII_VAULT_KEY')
    const shared = key()
    expect(namesIn({ ...production(), AGENTGATE_AUDIT_KEY: shared, AGENTGATE_COMMITMENT_KEY: shared })).toContain(
      'AGENTGATE_COMMITMENT_KEY',
    )
    expect(namesIn({ ...production(), AGENTGATE_DEMO_PASSWORD: 'a long password' })).toContain('AGENTGATE_DEMO_PASSWORD')
    const database = (DATABASE_URL: string) => namesIn({ ...production(), DATABASE_URL })
    for (const open of ['', '?sslmode=prefer', '?sslmode=disable'])
      expect(database(`postgres://u:p@db.example.com/agentgate${open}`)).toEqual(['DATABASE_URL'])
    for (const fine of [
      'db.example.com/a?sslmode=require',
      'db.example.com/a?sslmode=verify-full',
      '127.0.0.1:5432/a',
      '[::1]/a',
      '/a?host=/run',
    ])
      expect([fine, database(`postgresql://${fine}`)]).toEqual([fine, []])
  })

  it('is refused on plain HTTP, save on this machine', () => {
    expect(namesIn({ ...production(), AGENTGATE_URL: 'http://gate.example.com' })).toContain('AGENTGATE_URL')
    expect(problemsIn({ ...production(), AGENTGATE_URL: 'http://127.0.0.1:3000' })).toEqual([])
  })
})

describe('key files', () => {
  const folders: string[] = []
  const folder = () => {
    folders.push(mkdtempSync(join(tmpdir(), 'agentgate-keys-')))
    return folders.at(-1) ?? ''
  }
  afterEach(() => folders.splice(0).forEach((each) => rmSync(each, { recursive: true })))
  const load = (data: string, mode: 'demo' | 'production' = 'demo') => loadKeys({ mode, data, keys: {} })

  it('are made once, each for itself, readable by their owner only', () => {
    const data = join(folder(), 'new')
    const keys = load(data)
    expect(load(data)).toEqual(keys)
    expect(new Set(Object.values(keys).map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(5)
    for (const name of ['secret', 'signing', 'audit', 'commitment', 'vault']) {
      expect(statSync(join(data, `${name}.key`)).mode & 0o777).toBe(0o600)
      expect(readFileSync(join(data, `${name}.key`), 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/)
    }
  })

  it('are not made for what the environment gives', () => {
    const data = folder()
    const vault = new Uint8Array(randomBytes(32))
    expect(loadKeys({ mode: 'demo', data, keys: { vault } }).vault).toEqual(vault)
    expect(existsSync(join(data, 'vault.key'))).toBe(false)
  })

  it('are refused when malformed, and left as they are', () => {
    const data = folder()
    load(data)
    for (const text of ['', 'x', `${key().slice(2)}`, `${key()}\n${key()}`]) {
      writeFileSync(join(data, 'audit.key'), text)
      expect(problemsOf(() => load(data))).toEqual([
        `\`audit.key\` in \`${data}\` is not 32 bytes in base64: restore it; nothing was changed.`,
      ])
      expect(readFileSync(join(data, 'audit.key'), 'utf8')).toBe(text)
    }
  })

  it('are refused when others can read them', () => {
    const data = folder()
    load(data)
    chmodSync(join(data, 'vault.key'), 0o640)
    expect(problemsOf(() => load(data))[0]).toContain('chmod 600')
  })

  it('are refused when two are the same', () => {
    const data = folder()
    load(data)
    writeFileSync(join(data, 'vault.key'), readFileSync(join(data, 'audit.key')))
    expect(problemsOf(() => load(data))[0]).toContain('the same as another key')
  })

  it('are never made anew beside a database that the old ones locked', () => {
    const data = folder()
    load(data)
    writeFileSync(join(data, 'agentgate.db'), '')
    rmSync(join(data, 'vault.key'))
    expect(problemsOf(() => load(data))[0]).toContain('restore the file')
    expect(existsSync(join(data, 'vault.key'))).toBe(false)
  })

  it('are not made in production', () => {
    const data = folder()
    expect(problemsOf(() => load(data, 'production'))).toHaveLength(5)
    expect(existsSync(join(data, 'vault.key'))).toBe(false)
  })
})
