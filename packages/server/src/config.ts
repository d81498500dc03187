import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { isWebhookUrl, type Webhook } from '@agentgate/api/webhook'
import { z } from 'zod'
import type { BehaviourLimits } from './security/behaviour.ts'

export type Mode = 'development' | 'demo' | 'production'
export type KeyName = 'secret' | 'signing' | 'audit' | 'commitment' | 'vault'

export interface Provider {
  readonly key: string
  readonly url?: string
}

/** All that the environment says, validated. Keys that it does not give come from key files, outside production. */
export interface Config {
  readonly mode: Mode
  readonly host: string
  readonly port: number
  /** The public origin, without a slash at its end. */
  readonly url: string
  /** The PostgreSQL that keeps everything; absent: the embedded store does. */
  readonly database?: string
  /** The folder of the embedded store, of key files and of the last checkpoint, absolute. */
  readonly data: string
  readonly keys: { readonly [name in KeyName]?: Uint8Array }
  /** The vault key that the present one replaced. */
  readonly replacedVaultKey?: Uint8Array
  readonly replacedAuditKey?: Uint8Array
  readonly solver: 'off' | 'shadow' | 'enforce'
  /** What becomes of input that tries to steer a model: nothing is looked at, policies get to know, or the call is refused. */
  readonly promptGuard: 'off' | 'report' | 'refuse'
  /** The folder of a token classifier that names people besides the lists, absolute. */
  readonly nameModel?: string
  readonly demo: { readonly email?: string; readonly password?: string }
  /** Exact origins whose pages may use the API, besides its own. */
  readonly allowedOrigins: readonly string[]
  /** Addresses or networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Who is told of threats. */
  readonly alerts: { readonly webhook?: Webhook & { readonly secret: string }; readonly slack?: Webhook }
  /** So long after its decision a call that nobody reported is lost. */
  readonly callMinutes: number
  readonly behaviour: BehaviourLimits
  /** The file that knows where addresses are, absolute. */
  readonly places?: string
  readonly providers: { readonly openai?: Provider; readonly anthropic?: Provider; readonly google?: Provider }
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** What is odd but no reason not to start: one line each. */
  readonly warnings: readonly string[]
}

/** The environment cannot be started with. `problems` are lines for people: which variable, what is wrong, what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

type Env = { readonly [name: string]: string | undefined }

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/

/** A value, or what is wrong with it and what to do. */
const text = (wrong: string) => z.string({ error: wrong })
const oneOf = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.enum(names, { error: `is none of ${names.join(', ')}: choose one` })
const listOf = (item: (text: string) => boolean, wrong: string) =>
  z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    )
    .refine((items) => items.length <= 100 && items.every(item), { error: wrong })

const origin = text('is missing').refine((value) => originOf(value) !== undefined, {
  error: 'is not the origin of a web address: write it like `https://agentgate.example.com`, without a path',
})
const key = z.string().transform((value, context) => {
  const bytes = /^[A-Za-z0-9+/]{43}=$/.test(value) ? Buffer.from(value, 'base64') : undefined
  if (bytes?.length === 32 && bytes.toString('base64') === value) return new Uint8Array(bytes)
  const kms = /^[a-z-]*kms:/i.test(value)
  context.addIssue({
    code: 'custom',
    message: kms
      ? 'is the address of a KMS, which this AgentGate does not know yet: give the key itself'
      : 'is not 32 bytes in base64: make it with `openssl rand -base64 32`',
  })
  return z.NEVER
})
const hookUrl = z.string().max(4_000).refine(isWebhookUrl, {
  error: 'is not an https address without credentials, nor http on this machine: write it like `https://alerts.example.com/agentgate`',
})
const number = (most: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,9}$/, { error: `is not a whole number from 1 to ${most}: give one` })
    .transform(Number)
    .refine((value) => value <= most, { error: `is not a whole number from 1 to ${most}: give one` })
const providerKey = z.string().max(1_000, { error: 'is longer than any API key: copy it again' })
const providerUrl = z.url({ protocol: /^https?$/, error: 'is no web address: write it like `https://api.example.com/v1`' })

interface Variable {
  /** How it is written when nobody sets it; absent: unset. */
  readonly usual?: string
  readonly about: string
  readonly read: z.ZodType
}

/** Every variable that this AgentGate knows, in the order of `.env.example`. */
const variables = {
  AGENTGATE_ENV: {
    usual: 'production',
    about: '`development`, `demo` or `production`. `./run dev` and `./run demo` set theirs.',
    read: oneOf(['development', 'demo', 'production']),
  },
  PORT: {
    usual: '3000',
    about: 'Where the server listens; 0 takes any free port.',
    read: z
      .string()
      .regex(/^\d{1,5}$/, { error: 'is not a whole number from 0 to 65535: give a free port' })
      .transform(Number)
      .refine((value) => value <= 65_535, { error: 'is not a whole number from 0 to 65535: give a free port' }),
  },
  HOST: {
    usual: '127.0.0.1',
    about: 'The address it listens on.',
    read: z.string().refine((value) => isIP(value) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?$/i.test(value), {
      error: 'is neither an IP address nor a host name: give one, like `127.0.0.1`',
    }),
  },
  AGENTGATE_URL: {
    about: 'The public origin, for cookies and origin checks; `http://localhost:$PORT` unless set. HTTPS in production.',
    read: origin,
  },
  AGENTGATE_DATA: {
    usual: '.agentgate',
    about: 'The folder of the embedded store, of key files and of the last checkpoint. One for each server.',
    read: z.string().max(4_000),
  },
  DATABASE_URL: {
    about:
      'PostgreSQL 15 or newer, which then keeps everything instead of the embedded store, for as many servers as have the same keys: `postgres://user:password@host:5432/database?sslmode=verify-full`.',
    read: z.string().max(4_000).refine(isDatabase, {
      error:
        'is not the address of a PostgreSQL database: write it like `postgres://user:password@host:5432/database`, with `sslmode` one of disable, prefer, require, verify-ca and verify-full',
    }),
  },
  SECRET_KEY: {
    about: 'At least 32 random characters; sessions are signed with keys derived from it. Outside production a key file is made.',
    read: z.string().min(32, { error: 'is shorter than 32 characters: make it with `openssl rand -base64 32`' }).max(4_000),
  },
  AGENTGATE_DECISION_SIGNING_KEY: {
    about: 'Signs certificates and checkpoints. 32 random bytes in base64, like the next three; outside production key files are made.',
    read: key,
  },
  AGENTGATE_AUDIT_KEY: { about: 'Authenticates the audit chain.', read: key },
  AGENTGATE_AUDIT_KEY_REPLACED: {
    about: 'The audit key before that one: what it authenticated stays checked, and it can be unset at the next start.',
    read: key,
  },
  AGENTGATE_COMMITMENT_KEY: { about: 'Binds approvals to calls.', read: key },
  PII_VAULT_KEY: { about: 'Wraps the keys of the vault of personal data.', read: key },
  PII_VAULT_KEY_REPLACED: {
    about: 'The vault key before that one: what it wraps is wrapped anew at the start, and it can be unset at the next.',
    read: key,
  },
  AGENTGATE_Z3_MODE: {
    usual: 'enforce',
    about: 'The solver: `enforce` denies what it does not prove, `shadow` only records it, `off` (development only) proves nothing.',
    read: oneOf(['off', 'shadow', 'enforce']),
  },
  AGENTGATE_CALL_MINUTES: {
    usual: '60',
    about: 'So long a tool may run: after so many minutes a call that nobody reported is `lost`, and a later report amends that.',
    read: number(1_440),
  },
  AGENTGATE_PROMPT_GUARD: {
    usual: 'report',
    about:
      'Input that tries to steer a model: `report` tells policies (`context.threat_kinds` holds `prompt_injection`), `refuse` refuses it, also when it cannot be judged, `off` does not look.',
    read: oneOf(['off', 'report', 'refuse']),
  },
  AGENTGATE_NER_MODEL: {
    about:
      'The folder of a token classifier in ONNX (`config.json`, `tokenizer.json`, `onnx/model.onnx`) that names people besides the built-in lists; `npm install @huggingface/transformers` for it.',
    read: z.string().max(4_000),
  },
  AGENTGATE_DEMO_EMAIL: {
    about: 'Demo only: who signs in.',
    read: z.email({ error: 'is no mail address: write it like `me@example.com`' }).max(254),
  },
  AGENTGATE_DEMO_PASSWORD: {
    about: 'Demo only: with what, at least 12 characters; random and printed at start unless set.',
    read: z
      .string()
      .min(12, { error: 'is shorter than 12 characters: choose a longer one' })
      .refine((value) => Buffer.byteLength(value) <= 72, { error: 'is longer than 72 bytes: choose a shorter one' }),
  },
  ALLOWED_ORIGINS: {
    about: 'Other origins whose pages may use the API: an exact list with commas.',
    read: listOf(
      (value) => originOf(value) !== undefined,
      'is not a list of origins: write it like `https://a.example.com,https://b.example.com`',
    ),
  },
  TRUSTED_PROXIES: {
    about: 'Addresses of proxies whose `X-Forwarded-For` is believed: a list with commas, networks as `10.0.0.0/8`.',
    read: listOf(isNetwork, 'is not a list of IP addresses or networks: write it like `10.0.0.1,10.1.0.0/16`'),
  },
  ALERT_WEBHOOK_URL: {
    about: 'Is told of threats by a `POST` of JSON, signed as approval webhooks are; tried again for an hour. Public addresses only.',
    read: hookUrl,
  },
  ALERT_WEBHOOK_SECRET: {
    about: 'Signs what is sent there: 32 characters or more, the same that the receiver has.',
    read: z.string().min(32, { error: 'is shorter than 32 characters: make it with `openssl rand -base64 32`' }).max(4_000),
  },
  SLACK_WEBHOOK_URL: { about: 'Is told of threats too: an incoming webhook of Slack.', read: hookUrl },
  ALERT_WEBHOOK_NETWORKS: {
    about: 'Private networks that those two may be in: a list with commas, as `10.1.0.0/16`.',
    read: listOf(isNetwork, 'is not a list of IP addresses or networks: write it like `10.0.0.1,10.1.0.0/16`'),
  },
  AGENTGATE_WATCH_ANONYMOUS: {
    usual: '100',
    about: 'So many requests of one network without a valid credential, within a minute on one server, are a threat (`rate_anomaly`).',
    read: number(1_000_000),
  },
  AGENTGATE_WATCH_REQUESTS: {
    usual: '3000',
    about: 'So many requests of one principal, within a minute on one server, are a threat (`rate_anomaly`).',
    read: number(1_000_000),
  },
  AGENTGATE_WATCH_MEGABYTES: {
    usual: '10',
    about: 'So many megabytes answered to one principal, within a minute by one server, are a threat (`data_exfiltration`).',
    read: number(1_000_000),
  },
  AGENTGATE_WATCH_REFUSALS: {
    usual: '20',
    about:
      'So many requests and calls of one principal refused as not permitted, within an hour on one server, are a threat (`privilege_escalation`).',
    read: number(1_000_000),
  },
  AGENTGATE_GEO_DATABASE: {
    about:
      'A file in MaxMind DB format (GeoLite2, DB-IP) that knows where addresses are: with it, sign-ins from a new country (`new_location`) and from where nobody travels so fast (`impossible_travel`) are seen.',
    read: z.string().max(4_000),
  },
  OPENAI_API_KEY: {
    about: 'With the key of a provider the playground talks to its model; with none, to the built-in demo model.',
    read: providerKey,
  },
  OPENAI_BASE_URL: { about: 'Where that provider is, when not at its usual address.', read: providerUrl },
  ANTHROPIC_API_KEY: { about: 'As above.', read: providerKey },
  ANTHROPIC_BASE_URL: { about: 'As above.', read: providerUrl },
  GOOGLE_API_KEY: { about: 'As above.', read: providerKey },
  GOOGLE_BASE_URL: { about: 'As above.', read: providerUrl },
  LOG_LEVEL: {
    usual: 'info',
    about: 'fatal, error, warn, info, debug, trace or silent.',
    read: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  },
} as const satisfies { readonly [name: string]: Variable }

/** Variables of AgentGate whose meaning this build lacks: to ignore them would be worse than not to start. */
const unbuilt: { readonly [name: string]: string } = {
  REDIS_URL: 'Redis is not built yet, and this AgentGate counts in its store: unset it',
  OIDC_ISSUER: 'OpenID Connect is not built yet, and this AgentGate signs people in itself: unset it',
}

/** Reads and checks the environment, all of it before it throws a `ConfigError`. Messages never hold a value. */
export function readConfig(env: Env = process.env): Config {
  const problems: string[] = []
  const say = (name: string, problem: string) => problems.push(`\`${name}\` ${problem}.`)
  const get = <N extends keyof typeof variables>(name: N): z.output<(typeof variables)[N]['read']> | undefined => {
    const variable: Variable = variables[name]
    const value = env[name] || variable.usual
    if (value === undefined) return undefined
    const parsed = variable.read.safeParse(value)
    // INVARIANT: the schema that parsed is the one the type is inferred from.
    if (parsed.success) return parsed.data as z.output<(typeof variables)[N]['read']>
    say(name, parsed.error.issues[0]?.message ?? 'is wrong')
    return undefined
  }
  const provider = (name: 'OPENAI' | 'ANTHROPIC' | 'GOOGLE'): Provider | undefined => {
    const [apiKey, url] = [get(`${name}_API_KEY`), get(`${name}_BASE_URL`)]
    return apiKey === undefined ? undefined : { key: apiKey, ...(url !== undefined && { url }) }
  }

  const mode = get('AGENTGATE_ENV') ?? 'production'
  const port = get('PORT') ?? 3000
  const host = get('HOST') ?? '127.0.0.1'
  const url = originOf(get('AGENTGATE_URL') ?? '') ?? `http://localhost:${port}`
  const secret = get('SECRET_KEY')
  const keys = {
    secret: secret === undefined ? undefined : new Uint8Array(Buffer.from(secret)),
    signing: get('AGENTGATE_DECISION_SIGNING_KEY'),
    audit: get('AGENTGATE_AUDIT_KEY'),
    commitment: get('AGENTGATE_COMMITMENT_KEY'),
    vault: get('PII_VAULT_KEY'),
  }
  const demo = { email: get('AGENTGATE_DEMO_EMAIL'), password: get('AGENTGATE_DEMO_PASSWORD') }
  const [openai, anthropic, google] = [provider('OPENAI'), provider('ANTHROPIC'), provider('GOOGLE')]
  const solver = get('AGENTGATE_Z3_MODE') ?? 'enforce'
  const database = get('DATABASE_URL')
  const nameModel = get('AGENTGATE_NER_MODEL')
  const places = get('AGENTGATE_GEO_DATABASE')
  const networks = get('ALERT_WEBHOOK_NETWORKS') ?? []
  const [alertUrl, alertSecret, slackUrl] = [get('ALERT_WEBHOOK_URL'), get('ALERT_WEBHOOK_SECRET'), get('SLACK_WEBHOOK_URL')]
  const webhook = alertUrl !== undefined && alertSecret !== undefined ? { url: alertUrl, secret: alertSecret, networks } : undefined
  const slack = slackUrl === undefined ? undefined : { url: slackUrl, networks }
  if (alertUrl !== undefined && !env['ALERT_WEBHOOK_SECRET'])
    say('ALERT_WEBHOOK_SECRET', 'is missing, and what `ALERT_WEBHOOK_URL` is told is signed: make it with `openssl rand -base64 32`')
  const config: Config = {
    mode,
    host,
    port,
    url,
    data: resolve(get('AGENTGATE_DATA') ?? '.agentgate'),
    ...(database !== undefined && { database }),
    keys: given(keys),
    ...given({ replacedVaultKey: get('PII_VAULT_KEY_REPLACED'), replacedAuditKey: get('AGENTGATE_AUDIT_KEY_REPLACED') }),
    solver,
    promptGuard: get('AGENTGATE_PROMPT_GUARD') ?? 'report',
    ...(nameModel !== undefined && { nameModel: resolve(nameModel) }),
    ...(places !== undefined && { places: resolve(places) }),
    demo: given(demo),
    allowedOrigins: (get('ALLOWED_ORIGINS') ?? []).flatMap((each) => originOf(each) ?? []),
    trustedProxies: get('TRUSTED_PROXIES') ?? [],
    alerts: given({ webhook, slack }),
    callMinutes: get('AGENTGATE_CALL_MINUTES') ?? 60,
    behaviour: {
      anonymousRequests: get('AGENTGATE_WATCH_ANONYMOUS') ?? 100,
      requests: get('AGENTGATE_WATCH_REQUESTS') ?? 3_000,
      bytes: (get('AGENTGATE_WATCH_MEGABYTES') ?? 10) * 1_000_000,
      refusals: get('AGENTGATE_WATCH_REFUSALS') ?? 20,
    },
    providers: given({ openai, anthropic, google }),
    logLevel: get('LOG_LEVEL') ?? 'info',
    warnings: strangers(env),
  }
  for (const [name, problem] of Object.entries(unbuilt)) if (env[name]) say(name, `is set, but ${problem}`)
  if (!['', undefined, 'local'].includes(env['IDENTITY_PROVIDER_MODE']))
    say('IDENTITY_PROVIDER_MODE', `is not \`local\`, but ${unbuilt['OIDC_ISSUER']}`)
  for (const [name, problem] of inMode(config, env)) say(name, problem)
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

/** The variable of each key. */
export const keyVariables: { readonly [name in KeyName]: keyof typeof variables } = {
  secret: 'SECRET_KEY',
  signing: 'AGENTGATE_DECISION_SIGNING_KEY',
  audit: 'AGENTGATE_AUDIT_KEY',
  commitment: 'AGENTGATE_COMMITMENT_KEY',
  vault: 'PII_VAULT_KEY',
}
export const keyNames = Object.keys(keyVariables) as readonly KeyName[]

/** What the mode forbids that each variable by itself would allow. */
function* inMode({ mode, host, url, keys, demo, solver, database }: Config, env: Env): Generator<readonly [name: string, problem: string]> {
  const seen = new Map<string, string>()
  for (const name of keyNames) {
    const variable = keyVariables[name]
    const bytes = keys[name]
    if (!bytes) {
      if (mode === 'production' && !env[variable])
        yield [variable, 'is missing, and production makes no keys of its own: give one, by `openssl rand -base64 32`']
      continue
    }
    const twin = seen.get(Buffer.from(bytes).toString('base64'))
    if (twin) yield [variable, `is the same as \`${twin}\`: give each its own`]
    seen.set(Buffer.from(bytes).toString('base64'), variable)
    if (mode === 'production' && isWeak(bytes)) yield [variable, 'is not random: make it with `openssl rand -base64 32`']
  }
  if (mode === 'demo' && !loopback.test(host)) yield ['HOST', 'is open to others, and a demo is for this machine only: unset it']
  if (mode !== 'development' && solver === 'off')
    yield ['AGENTGATE_Z3_MODE', `is \`off\`, and only development decides without proofs: use \`enforce\` or \`shadow\``]
  if (mode !== 'production') return
  if (url.startsWith('http:') && !loopback.test(new URL(url).hostname))
    yield ['AGENTGATE_URL', 'is plain HTTP: put the server behind HTTPS and name that address']
  if (database !== undefined && !isPrivate(new URL(database)))
    yield ['DATABASE_URL', 'reaches another machine without TLS: add `sslmode=verify-full`, or at least `sslmode=require`']
  for (const [name, value] of Object.entries({ AGENTGATE_DEMO_EMAIL: demo.email, AGENTGATE_DEMO_PASSWORD: demo.password })) {
    if (value !== undefined) yield [name, 'is set, and production has no demo users: unset it']
  }
}

function isDatabase(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return false
  const named = url.hostname !== '' || (url.searchParams.get('host') ?? '') !== ''
  const mode = url.searchParams.get('sslmode')
  return named && url.pathname.length > 1 && (mode === null || /^(disable|prefer|require|verify-ca|verify-full)$/.test(mode))
}

/** Whether nobody between here and the database can read along. */
function isPrivate({ hostname, searchParams }: URL): boolean {
  const host = hostname || (searchParams.get('host') ?? '')
  return host.startsWith('/') || loopback.test(host) || /^(require|verify-ca|verify-full)$/.test(searchParams.get('sslmode') ?? '')
}

/** Few different bytes, or words that people put where a secret should be. */
function isWeak(bytes: Uint8Array): boolean {
  return new Set(bytes).size < 10 || /change.?me|secret|password|example|default|agentgate/i.test(Buffer.from(bytes).toString('latin1'))
}

function strangers(env: Env): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('AGENTGATE_') && !Object.hasOwn(variables, name))
    .map((name) => `\`${name}\` is not a variable that this AgentGate knows: it is ignored.`)
}

function originOf(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
  return plain ? url.origin : undefined
}

function isNetwork(value: string): boolean {
  const [address = '', bits, more] = value.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The members that are there. */
function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>
}

/** `.env.example`, generated: every variable, commented out, with what it means and how it is when nobody sets it. */
export function envExample(): string {
  const entries = Object.entries(variables).map(
    ([name, { about, ...rest }]) => `# ${about}\n#${name}=${'usual' in rest ? rest.usual : ''}\n`,
  )
  return `# Every variable that AgentGate reads. Written from \`packages/server/src/config.ts\` by its test, run with \`-u\`.\n\n${entries.join('\n')}`
}
