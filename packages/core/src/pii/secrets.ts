import { digits, type Match, type Recognizer, shape } from './recognizer.ts'

/** A key that its provider lets everyone recognise: what it begins with, and what follows. */
const providers: readonly (readonly [name: string, starts: readonly string[], pattern: string])[] = [
  ['anthropic', ['sk-ant-'], 'sk-ant-(?:api|admin)\\d\\d-[\\w-]{40,}'],
  ['openai', ['sk-'], 'sk-(?:proj-|svcacct-|admin-|None-)?(?=[\\w-]{0,200}\\d)[\\w-]{16,200}'],
  ['stripe', ['sk_', 'rk_', 'whsec_'], '(?:[sr]k_(?:live|test|prod)_[A-Za-z0-9_]{10,120}|sk_[0-9a-f]{48}|whsec_[A-Za-z0-9+/=]{24,64})'],
  ['github', ['gh', 'github_pat_'], '(?:gh[opsur]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})'],
  [
    'gitlab',
    ['gl', 'GR1348941'],
    '(?:gl(?:pat|dt|rt|rtr|ptt|cbt|imt|oas|soat|agent|ft|ffct|wt|ft)-[\\w.-]{16,300}|GR1348941[\\w-]{20,64})',
  ],
  ['aws', ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3T'], '(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}|A3T[A-Z0-9]{17})(?![A-Za-z0-9])'],
  [
    'aws-bedrock',
    ['ABSK', 'bedrock-api-key-'],
    '(?:ABSK[A-Za-z0-9+/]{100,270}={0,2}|bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[\\w+/=-]{0,2000})',
  ],
  [
    'slack',
    ['xox', 'xapp-', 'xwfp-'],
    '(?:xox[abceoprs](?:\\.xox[bp])?-(?=[\\w-]{0,60}\\d)(?:\\d+-)[\\w-]{10,400}|xapp-\\d-[\\w-]{20,200}|xwfp-[\\w-]{20,200})',
  ],
  ['google', ['AIza', 'ya29.', 'GOCSPX-'], '(?:AIza[\\w-]{35}(?![\\w-])|ya29\\.[\\w.-]{20,1024}|GOCSPX-[\\w-]{24,40})'],
  ['hugging-face', ['hf_', 'api_org_'], '(?:hf_|api_org_)[A-Za-z]{34,40}(?![A-Za-z0-9])'],
  ['npm', ['npm_'], 'npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])'],
  ['pypi', ['pypi-'], 'pypi-AgE[\\w-]{40,1000}'],
  ['sendgrid', ['SG.'], 'SG\\.[\\w-]{16,32}\\.[\\w-]{30,64}'],
  ['brevo', ['xkeysib-', 'xsmtpsib-'], 'x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}'],
  ['digital-ocean', ['doo_v1_', 'dop_v1_', 'dor_v1_'], 'do[opr]_v1_[0-9a-f]{64}'],
  ['shopify', ['shp'], 'shp(?:at|ca|pa|ss|tka)_[A-Za-z0-9]{32,64}'],
  ['square', ['sq0', 'EAAA'], '(?:sq0[a-z]{3}-[\\w-]{22,60}|EAAA[\\w-]{56,64})'],
  ['twilio', ['AC', 'SK'], '(?:AC|SK)(?:[0-9a-f]{32}|[0-9A-F]{32})(?![A-Za-z0-9])'],
  ['hashicorp', ['hvs.', 'hvb.', 'hvr.'], 'hv[sbr]\\.[\\w-]{24,300}'],
  ['databricks', ['dapi'], 'dapi[0-9a-f]{32}(?:-\\d)?(?![A-Za-z0-9])'],
  ['mailgun', ['key-', 'pubkey-'], '(?:pub)?key-[0-9a-f]{32}(?![A-Za-z0-9])'],
  ['docker', ['dckr_'], 'dckr_(?:pat|oat)_[\\w-]{20,64}'],
  ['cloudflare', ['cfut_', 'cfat_', 'cfk_', 'v1.0-'], '(?:cf(?:ut|at|k)_[A-Za-z0-9]{40,64}|v1\\.0-[0-9a-f]{24}-[0-9a-f]{146})'],
  [
    'grafana',
    ['glc_', 'glsa_', 'eyJrIjoi'],
    '(?:glc_(?=[A-Za-z0-9+/]{0,40}[a-z])[A-Za-z0-9+/]{32,400}={0,2}|glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|eyJrIjoi[A-Za-z0-9+/]{40,400}={0,2})',
  ],
  ['new-relic', ['NRAK-', 'NRII-', 'NRIQ-', 'NRRA-', 'NRJS-', 'NRAL-', 'NRBR-'], 'NR(?:AK|II|IQ|RA|JS|AL|BR)-[\\w-]{19,64}'],
  ['sentry', ['sntrys_', 'sntryu_'], '(?:sntrys_[\\w+/=.-]{40,400}|sntryu_[0-9a-f]{64})'],
  ['figma', ['figd_', 'figo_'], 'fig[do]_[\\w-]{36,64}'],
  ['notion', ['ntn_', 'secret_'], '(?:ntn_[A-Za-z0-9]{40,50}|secret_(?=[A-Za-z0-9]{0,42}\\d)[A-Za-z0-9]{43})(?![A-Za-z0-9])'],
  ['linear', ['lin_'], 'lin_(?:api|oauth)_[A-Za-z0-9]{40,64}'],
  ['groq', ['gsk_'], 'gsk_[A-Za-z0-9]{40,64}'],
  ['xai', ['xai-'], 'xai-[A-Za-z0-9]{70,90}'],
  ['perplexity', ['pplx-'], 'pplx-[A-Za-z0-9]{40,64}'],
  ['replicate', ['r8_'], 'r8_[\\w-]{37}(?![\\w-])'],
  ['llama-cloud', ['llx-'], 'llx-[\\w-]{40,64}'],
  ['vercel', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], 'vc[piarkx]_[A-Za-z0-9]{24,80}'],
  ['supabase', ['sbp_', 'sb_secret_'], '(?:sbp_(?:oauth_)?[0-9a-f]{40}|sb_secret_[\\w-]{20,60})'],
  ['postman', ['PMAK-'], 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}'],
  ['posthog', ['phx_', 'phs_'], 'ph[xs]_[\\w-]{40,64}'],
  ['planetscale', ['pscale_'], 'pscale_(?:tkn|oauth|pw)_[\\w.=-]{32,64}'],
  ['pulumi', ['pul-'], 'pul-[0-9a-f]{40}'],
  ['rubygems', ['rubygems_'], 'rubygems_[0-9a-f]{48}'],
  ['doppler', ['dp.'], 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[a-z0-9_-]{2,35}\\.)?[A-Za-z0-9]{40,44}'],
  [
    'sourcegraph',
    ['sgp_', 'slk_'],
    '(?:sgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}|sgp_[0-9A-Za-z]{60,70}|slk_[0-9a-f]{64})(?![A-Za-z0-9])',
  ],
  ['atlassian', ['ATATT3', 'ATCTT3', 'ATBB', 'ATSTT3'], '(?:AT(?:A|C|S)TT3[\\w=-]{60,400}|ATBB[A-Za-z0-9_=.-]{28,64})'],
  ['netlify', ['nfp_', 'nfc_'], 'nf[pcbou]_[A-Za-z0-9]{36,64}'],
  ['dropbox', ['sl.'], 'sl\\.(?:u\\.)?[\\w-]{120,400}'],
  ['mapbox', ['sk.eyJ', 'pk.eyJ'], '[sp]k\\.eyJ[\\w-]{40,300}\\.[\\w-]{20,40}'],
  ['hubspot', ['pat-'], 'pat-(?:na|eu|ap)\\d-[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'],
  ['frame', ['fio-u-'], 'fio-u-[\\w=-]{40,80}'],
  ['alibaba', ['LTAI'], 'LTAI[A-Za-z0-9]{12,24}(?![A-Za-z0-9])'],
  ['airtable', ['pat'], 'pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}'],
  ['adafruit', ['aio_'], 'aio_[A-Za-z0-9]{28}(?![A-Za-z0-9])'],
  ['age', ['AGE-SECRET-KEY-'], 'AGE-SECRET-KEY-1[A-Z0-9]{58}'],
  [
    '1password',
    ['ops_', 'A3-'],
    '(?:ops_eyJ[A-Za-z0-9+/]{200,2000}={0,3}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5})',
  ],
  ['easypost', ['EZAK', 'EZTK'], 'EZ[AT]K[A-Za-z0-9]{54}'],
  ['flutterwave', ['FLWSECK', 'FLWPUBK'], 'FLW(?:SECK|PUBK)(?:_TEST)?-[A-Za-z0-9-]{12,40}X?'],
  ['dynatrace', ['dt0'], 'dt0[a-z]\\d\\d\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}'],
  ['prefect', ['pnu_', 'pnb_'], 'pn[ub]_[A-Za-z0-9]{36}(?![A-Za-z0-9])'],
  ['infracost', ['ico-'], 'ico-[A-Za-z0-9]{32}(?![A-Za-z0-9])'],
  ['readme', ['rdme_'], 'rdme_[a-z0-9]{70}(?![A-Za-z0-9])'],
  [
    'artifactory',
    ['AKC', 'AP', 'cmVmdGtuOjA'],
    '(?:AKC[A-Za-z0-9]{60,80}|AKCp[A-Za-z0-9]{20,90}|cmVmdGtuOjA[A-Za-z0-9+/=]{40,80})(?![A-Za-z0-9])',
  ],
  ['nuget', ['oy2'], 'oy2[a-z0-9]{43}(?![A-Za-z0-9])'],
  ['clojars', ['CLOJARS_'], 'CLOJARS_[0-9a-z]{60}'],
  ['dependency-track', ['odt_'], 'odt_[A-Za-z0-9_]{32,64}'],
  ['tailscale', ['tskey-'], 'tskey-[a-z]{2,12}-[A-Za-z0-9-]{10,80}'],
  ['intra', ['s-s4t2'], 's-s4t2(?:ud|af)-[0-9a-f]{64}'],
  ['flexport', ['shltm_'], 'shltm_[\\w-]{30,60}'],
  ['typeform', ['tfp_'], 'tfp_[\\w-]{40,90}'],
  ['contentful', ['CFPAT-'], 'CFPAT-[\\w-]{40,64}'],
  ['duffel', ['duffel_'], 'duffel_(?:live|test)_[\\w=-]{40,60}'],
  ['langsmith', ['lsv2_'], 'lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}'],
  ['weights', ['wandb_'], 'wandb_v1_[\\w]{40,100}'],
  ['vault', ['s.', 'b.'], '[sb]\\.(?=[A-Za-z0-9]{0,22}\\d)(?=[A-Za-z0-9]{0,22}[A-Z])[A-Za-z0-9]{24}(?![A-Za-z0-9.(])'],
  ['docker-swarm', ['SWMTKN-'], 'SWMTKN-1-[a-z0-9]{50}-[a-z0-9]{25}'],
  ['tavily', ['tvly-'], 'tvly-(?:dev-)?[A-Za-z0-9]{32}(?![A-Za-z0-9])'],
  ['pem-in-base64', ['LS0tLS1CRUdJTi'], 'LS0tLS1CRUdJTi[A-Za-z0-9+/]{60,16000}={0,2}'],
  ['telegram-webhook', ['bot'], 'bot\\d{8,10}:[\\w-]{35}(?![\\w-])'],
]

/** A value that is a stand-in, not a secret: `xxxx`, `<YOUR_KEY>`, `${KEY}`, `changeme`. */
const standIn =
  /x{5,}|X{5,}|\*{4,}|\.{4,}|^(?:<|\$[({A-Z_a-z]|\{\{?|%\(?[A-Za-z]|@\{|\[)|^(?:null|none|nil|(?:u?int|float|big)\d{0,3}(?:clamped)?(?:array|_t)?|undefined|placeholder|invalid|incorrect|enter|forgot|confirm|current|reset|field|input|true|false|string|number|boolean|bool|object|any|str|int|bytes|text|void|optional|required|password|passwd|secret|token|key|value|example|changeme|redacted|masked|hidden|your[\w-]*|insert[\w-]*|todo|n\/?a|self|this|env|process|os|config|settings|params|args|request|getenv)\b[^\s]{0,3}$/i

const ascii = new Uint32Array(128)

/** Shannon entropy of the characters of a text, in bits a character. */
export function entropy(text: string): number {
  const counts = new Map<number, number>()
  ascii.fill(0)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < ascii.length) ascii[code] = (ascii[code] ?? 0) + 1
    else counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  let bits = 0
  const add = (count: number) => (bits -= (count / text.length) * Math.log2(count / text.length))
  for (const count of ascii) if (count > 0) add(count)
  for (const count of counts.values()) add(count)
  return bits
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const random = (value: string) =>
  value.length >= 16 &&
  /\d/.test(value) &&
  /[A-Za-z]/.test(value) &&
  entropy(value.slice(0, 96)) >= 3 &&
  !uuid.test(value) &&
  !standIn.test(value)

/** Names of fields that hold secrets, at the end of what stands before the sign. */
const passwordName = /(?:pass(?:word|wd|phrase|code)?|pwd|passw|psw|pw|userpwd|secrete?)(?:\d|\[\])?["'`]?\)?(?:\s?:\s?[Ss]tring)?\s{0,8}$/i
const keyName =
  /(?:(?:api|access|auth|secret|private|signing|encryption|master|account|shared|service|client|user|app|bot|deploy|bearer|refresh|id|session|webhook|license|licence|insert|query|storage)[\s_.-]{0,2}(?:access)?(?:key|token|secret|credential|auth)s?|apikey|api[\s_-]?key|tokens?|secrets?|secret[\w-]{0,20}|(?<=_)pat|credentials?|client[\s_-]?secret|(?<=[A-Za-z][_-])key|(?<=[a-z])Key|authorization|(?<=[A-Z]{3})KEY)\d?["'`]?\s{0,8}$/i
const notSecret =
  /(?:public|foreign|primary|cache|sort|partition|index|max|min|total|prompt|completion|input|output|csrf|num|n|next|page|keyboard|hot|monkey|tur|whis|don|object|map|dict|unique|composite|order|group|translation|i18n|message|check ?sum|hash|integrity|sha\d*|md5|digest)[\s_.-]{0,2}(?:key|token|pass)s?["'`]?\s{0,4}$/i

const value = /(?:=|>|:|=>)?[ \t]{0,4}(?<open>\\?["'`]{1,3}|&quot;)?(?<value>(?:Bearer |Basic |token )?[^\s"'`<>;,)\\]{4,256})/y

const nameEnd = /(?:_pat|word|wd|pw|psw|ssw|pass|rase|scode|key|keys|ken|kens|ret|rets|rete|tials?|zation|auth)$/i

/** Whether the name before a sign could be one of secrets, judged by its end: most are not. */
function endsLikeName(text: string, at: number): boolean {
  let end = at
  while (end > 0 && at - end < 12 && !isLetter(text.charCodeAt(end - 1))) end--
  const last = text.slice(Math.max(0, end - 8), end)
  return nameEnd.test(last) || /string$|quot$/i.test(last)
}

function isLetter(code: number): boolean {
  return (code | 32) > 96 && (code | 32) < 123
}

/** `password = hunter2`, `"api_key": "…"`, `SECRET=>…`: what follows the sign, where a name of secrets stands before it. */
function findAssigned(text: string, at: number): Match | undefined {
  if (!endsLikeName(text, at)) return undefined
  let name = text.slice(Math.max(0, at - 48), at)
  if (name.endsWith(':') || name.endsWith('=') || name.endsWith('!')) name = name.slice(0, -1)
  const line = name.slice(name.lastIndexOf('\n') + 1)
  const password = passwordName.test(line)
  if (!password && (!keyName.test(line) || notSecret.test(line))) return undefined
  value.lastIndex = at + 1
  const found = value.exec(text)
  const secret = found?.groups?.value
  if (!found || !secret || /^[:/]{2}/.test(text.slice(at, at + 2))) return undefined
  const trimmed = secret.replace(/[.,:?}\])]{1,3}$/, (end) => (found.groups?.open ? end : ''))
  const start = at + 1 + found[0].length - secret.length + (/^(?:Bearer|Basic|token) /.exec(secret)?.[0].length ?? 0)
  const bare = text.slice(start, at + 1 + found[0].length - (secret.length - trimmed.length))
  if (bare.length < 4 || standIn.test(bare) || /[({]\)?$|^[\w.]+\($|^\w+\.\w+(?:\.\w+)*$|\$\{|\{\{|^[#./%]|^https?:\/\//.test(bare))
    return undefined
  const quoted = found.groups?.open !== undefined
  if (found.groups?.open === undefined && /^[!+(]|^[\w.$]+[([]|^[A-Za-z_$]+$|^\w+::/.test(bare) && !/[A-Z]$/.test(line)) return undefined
  const strong = /\d/.test(bare) ? /[A-Za-z]/.test(bare) || bare.length > 5 : /[^\w.-]/.test(bare)
  const variable = text.charAt(at) === '=' && /[A-Z]$/.test(line)
  if (password) return strong || ((quoted || variable) && bare.length >= 6) ? [start, start + bare.length, 0.8] : undefined
  return random(bare) || (uuidless(bare) && bare.length >= 12 && strong && entropy(bare) > 2.8)
    ? [start, start + bare.length, 0.85]
    : undefined
}

const uuidless = (bare: string) => !uuid.test(bare)

/** Whether a whole value is a secret, by the name of the field that holds it: `{ password: 'hunter2' }`. */
export function isSecretField(text: string, hint: string): boolean {
  if (text.length < 4 || text.length > 512 || standIn.test(text) || /[\n<>]/.test(text)) return false
  return passwordName.test(hint) || (keyName.test(hint) && !notSecret.test(hint) && !/\s/.test(text) && random(text))
}

/** `stripe secret 51H8x…`: an unbroken word of letters and digits straight after a name of secrets. */
const spokenName =
  /(?:key|token|secret|access|private|password|passwd|pwd|apikey|credential|Authorization: (?:Bearer|Basic|token))s?["'`]?(?:\s|-|\sis\s|\\n){1,2}["'`]?$/i
const spoken = /(?<![A-Za-z0-9/+.])[A-Za-z0-9][\w+/=.-]{15,255}/y

function findSpoken(text: string, at: number): Match | undefined {
  spoken.lastIndex = at
  const [found] = spoken.exec(text) ?? []
  if (!found) return undefined
  const line = text.slice(Math.max(0, at - 40), at)
  if (!spokenName.test(line) || notSecret.test(line)) return undefined
  const bare = found.replace(/[.=-]{1,2}$/, (end) => (end.startsWith('=') ? end : ''))
  return random(bare) ? [at, at + bare.length, 0.7] : undefined
}

const authority = /:\/\/(?<user>[^\s:/"'<>{}$]{0,64}):(?<value>[^\s:@/"'<>{}$*][^\s@/"'<>{}]{1,128})@[\w.[-]/y

/** The password in `https://user:password@host`. */
function findUserinfo(text: string, at: number): Match | undefined {
  authority.lastIndex = at
  const found = authority.exec(text)
  const password = found?.groups?.value
  if (!found || !password || /^[xX]+$/.test(password)) return undefined
  const start = at + 4 + (found.groups?.user?.length ?? 0)
  return [start, start + password.length, 0.97]
}

const webhook =
  /:\/\/(?:hooks\.slack\.com\/(?:services|workflows|triggers)\/[TE][A-Z0-9]{5,12}\/[\w/]{12,80}|(?:\w{1,10}\.)?discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{50,80}|[\w-]{0,40}\.?(?:outlook\.office|webhook\.office)\.com\/webhook\w{0,2}\/[\w@/-]{60,240}|hooks\.zapier\.com\/hooks\/catch\/[\w/]{8,60})/y

/** An address that whoever knows it may post to. */
function findWebhook(text: string, at: number): Match | undefined {
  webhook.lastIndex = at
  return webhook.test(text) ? [at + 3, webhook.lastIndex, 0.97] : undefined
}

const login = /(?<=\s|^)(?:-u|--user)[ =](?:\\?["'])?[^\s:"'$]{0,64}:(?:\\?["'])?(?<value>[^\s"'$<{][^\s"'<{]{3,128})/y

/** The password in `curl -u user:password`. */
function findLogin(text: string, at: number): Match | undefined {
  login.lastIndex = at
  const password = login.exec(text)?.groups?.value
  if (password === undefined || standIn.test(password) || password === 'test') return undefined
  return [login.lastIndex - password.length, login.lastIndex, 0.85]
}

const pem =
  /-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s\\:,.]|-(?!----)){20,60000}?-----END (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y
const pemStart = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\:,]{20,60000}/y

function findPem(text: string, at: number): Match | undefined {
  if (!text.startsWith('-----BEGIN ', at)) return undefined
  for (const pattern of [pem, pemStart]) {
    pattern.lastIndex = at
    if (pattern.test(text)) return [at, pattern.lastIndex, 0.99]
  }
  return undefined
}

/** How much of what looks like a key says whether it is one, in characters: a run of what keys begin with is read anew at each. */
const judged = 128
const isKey = (found: string) => !/x{8,}|X{8,}|0{16,}/.test(found) && entropy(found) > 2.6

/** What the parts of a JSON web token are made of. */
const inPart = Uint8Array.from({ length: 128 }, (_, code) => Number(/[\w-]/.test(String.fromCharCode(code))))
/** Header, payload and signature that were read last: in a run of what tokens begin with they are not read anew at each. */
const parts = [0, 1, 2].map(() => ({ text: '', from: 0, to: -1 }))

/** Where the part of a JSON web token ends that a place in a text is in. */
function partEnd(text: string, at: number, index: 0 | 1 | 2): number {
  const part = parts[index]
  if (part && part.text === text && part.from <= at && at <= part.to) return part.to
  let to = at
  while ((inPart[text.charCodeAt(to)] ?? 0) > 0) to++
  parts[index] = { text, from: at, to }
  return to
}

/** A JSON web token, signed or not: two or three parts of base64url. */
function findJwt(text: string, at: number): Match | undefined {
  if (text.charAt(at) !== 'e' || isAlphanumeric(text.charCodeAt(at - 1))) return undefined
  const header = partEnd(text, at, 0)
  if (header - at < 16 || header - at > 4_098 || text.charAt(header) !== '.') return undefined
  const payload = Math.min(partEnd(text, header + 1, 1), header + 8_193)
  if (payload - header < 11) return undefined
  return [at, text.charAt(payload) === '.' ? Math.min(partEnd(text, payload + 1, 2), payload + 2_049) : payload, 0.97]
}

function isAlphanumeric(code: number): boolean {
  return isLetter(code) || (code > 47 && code < 58)
}

export const secrets: readonly Recognizer[] = [
  ...providers.map(([name, words, pattern]) =>
    shape({
      name: `key-${name}`,
      kind: 'API_KEY',
      at: { words },
      pattern: new RegExp(`(?<![A-Za-z0-9])${pattern}`, 'y'),
      valid: (found) => isKey(found.slice(0, judged)),
      score: 0.97,
    }),
  ),
  { name: 'jwt', kind: 'API_KEY', at: { words: ['eyJ', 'ewog'] }, find: findJwt },
  { name: 'private-key', kind: 'API_KEY', at: '-', find: findPem },
  { name: 'secret-assigned', kind: 'API_KEY', at: '=', find: findAssigned },
  { name: 'secret-named', kind: 'API_KEY', at: ':', find: findAssigned },
  { name: 'secret-spoken', kind: 'API_KEY', at: 'code', find: findSpoken },
  { name: 'secret-spoken-number', kind: 'API_KEY', at: digits(1, 24), find: findSpoken },
  { name: 'webhook', kind: 'API_KEY', at: '://', find: findWebhook },
  { name: 'login', kind: 'API_KEY', at: '-', find: findLogin },
  { name: 'userinfo', kind: 'API_KEY', at: '://', find: findUserinfo },
  shape({
    name: 'key-telegram',
    kind: 'API_KEY',
    at: digits(8, 10),
    pattern: /(?<![\w])\d{8,10}:AA[\w-]{32,33}(?![\w-])/y,
    score: 0.95,
  }),
  shape({
    name: 'key-azure-ad',
    kind: 'API_KEY',
    at: 'code',
    pattern: /(?<![\w~.-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w~.-])/y,
    valid: random,
    score: 0.9,
  }),
  shape({
    name: 'key-azure-devops',
    kind: 'API_KEY',
    at: 'code',
    pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{60,80}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/y,
    score: 0.97,
  }),
  shape({
    name: 'key-terraform',
    kind: 'API_KEY',
    at: 'code',
    pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}/y,
    score: 0.97,
  }),
  shape({
    name: 'key-discord',
    kind: 'API_KEY',
    at: 'code',
    pattern: /(?<![\w.-])[MNOA][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])/y,
    score: 0.95,
  }),
  shape({
    name: 'password-hash',
    kind: 'API_KEY',
    at: digits(1, 1),
    pattern:
      /(?<=\$)(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|[156]\$(?:rounds=\d{1,8}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,86})(?![./A-Za-z0-9])/y,
    score: 0.9,
  }),
]
