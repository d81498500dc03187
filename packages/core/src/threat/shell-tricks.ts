import type { Hit, Weight } from './kind.ts'
import { gated, type Marks, matches } from './marks.ts'
import type { Steps } from './steps.ts'

/** Shapes of commands that no value has by accident; in a window of a text. */
export function shellShapes(text: string, hits: Hit[], marks: Marks, steps: Steps): void {
  for (const { shape, start, end } of matches(tricks, text, marks, steps))
    hits.push({ kind: 'shell_injection', detector: `shell-${shape.rule}`, start, end, weight: shape.weight })
}

/** Shapes that no value has by accident, whatever command they carry. Each is linear: bounded repeats, no nesting. */
const tricks = gated<Weight>([
  {
    rule: 'destroy',
    weight: 'bare',
    signs: '',
    group: 'destroy',
    pattern:
      /\brm\s{1,4}(?:-{1,2}[\w-]{1,20}\s{1,4}){1,6}["']?(?:\/|~|\$home)[/*.]{0,3}["']?(?=$|[\s;&|@])|--no-preserve-root\b|\bmkfs(?:\.\w{1,8})?\s{1,4}\/dev\/|\bdd\s.{0,80}\bof=\/dev\/(?:sd|nvme|hd|vd|disk)|\bch(?:mod|own)\s{1,4}-r\s{1,4}\S{1,20}\s{1,4}\/(?=$|\s)|\b(?:shred|wipefs)\s.{0,40}\/dev\//,
  },
  {
    rule: 'download',
    weight: 'bare',
    signs: '|',
    group: 'download',
    pattern:
      /\b(?:curl|wget|fetch|iwr)\s[^|;&\n]{1,300}\|\s{0,4}(?:sudo\s{1,4})?(?:ba|z|k|da)?sh\b|\b(?:ba|z)?sh\s{1,4}(?:-c\s{1,4})?["']?(?:<\(|\$\()\s{0,4}(?:curl|wget)/,
  },
  {
    rule: 'remote',
    weight: 'bare',
    signs: '-',
    group: 'remote',
    pattern:
      /\b(?:nc|ncat|netcat)\s[^|;&\n]{0,80}\s-\w{0,4}e\s{1,4}\S{0,20}sh\b|\bsocket\b.{0,200}\b(?:dup2|subprocess|pty\.spawn)|\bbash\s{1,4}-i\s{0,4}[>&]/,
  },
  { rule: 'function', weight: 'certain', signs: '(){', pattern: /\(\)\s{0,4}\{\s{0,4}(?:$|[:;]|[\w:]{1,20}\s{0,4}(?:\(\)\s{0,4})?[|&])/ },
  { rule: 'device', weight: 'certain', signs: '/', group: 'device', pattern: /\/dev\/(?:tcp|udp)\/|>\s{0,4}\/dev\/[sh]d[a-z]/ },
  { rule: 'separator', weight: 'certain', signs: '$', pattern: /\$\{?ifs\b/ },
  {
    rule: 'braces',
    weight: 'bare',
    signs: '{},',
    pattern:
      /(?:^|[\s;|&("'`])\{(?:,[^\s{},":]{1,40}|,?[^\s{},":]{1,40},[^\s{}":]{0,60}|[^\s{},":]{1,40},)\}(?=$|[\s;|&)"'`\w<])|\w\{[\w]{0,10},[\w]{1,10}\}\w/,
  },
  {
    rule: 'wildcard',
    weight: 'bare',
    signs: '/[',
    pattern: /(?<=(?:^|[\s=(])\/?[\w.]{0,20}\/\w{0,10})\[[a-z][a-z/]{0,6}\]\w/,
  },
  { rule: 'wildcard', weight: 'bare', signs: '/?', pattern: /\/[\w?]{0,4}\?[\w?]{0,4}\/[\w?]{0,6}\?/ },
  { rule: 'wildcard', weight: 'bare', oneOf: '?*', signs: '/', pattern: /\/[a-z]{1,10}[*?]\/[a-z*?]{1,12}/ },
  { rule: 'tilde', weight: 'bare', signs: '~', pattern: /(?:^|["=])~[+-]\d{0,2}(?:$|")/ },
  { rule: 'history', weight: 'bare', signs: '!-', pattern: /(?:^|["=])!-\d/ },
  {
    rule: 'arithmetic',
    weight: 'bare',
    signs: '$',
    pattern: /\$\(\(|\$\[|\$\{[^\w\s}]|\$\{\w{1,20}(?::-|:=|%%|##|\/\/|@|\^\^)|\$\{\w{1,20}\}\s{1,4}-c\b|\$\w{1,20}\s{1,4}-c\s/,
  },
  { rule: 'process', weight: 'bare', signs: '<', pattern: /(?:^|[\s=;|&])<\(\s{0,4}[a-z]|<<<\s{0,4}[\w"'$]/ },
  { rule: 'process', weight: 'bare', signs: '>(', pattern: /(?:^|[\s=;|&])>\(\s{0,4}[a-z]/ },
  {
    rule: 'variable',
    weight: 'bare',
    oneOf: ';&|',
    signs: '$',
    pattern: /[;&|](?:\s{0,4}\$[a-z_]\w{0,19}|\$0)(?:\s{1,4}-|\s{0,4}$|[;&|\s])/,
  },
  { rule: 'variable', weight: 'bare', oneOf: ';&', signs: '$=', pattern: /(?<=\b\w{1,20})=[\w\\'"]{1,20}[;&]{1,2}\s{0,2}\w{0,20}\$/ },
  { rule: 'inner', weight: 'bare', oneOf: ';&|', signs: '$', pattern: /[;&|]\s{0,4}[a-z]{1,8}\$[@*!_$-][a-z+]/ },
  { rule: 'inner', weight: 'bare', oneOf: ';&|', signs: '\\', pattern: /[;&|]\s{0,4}[a-z]{1,8}\\[a-z+]/ },
  { rule: 'inner', weight: 'bare', oneOf: ';&|', signs: '`', pattern: /[;&|]\s{0,4}`/ },
  { rule: 'alias', weight: 'bare', signs: '', group: 'alias', pattern: /^\s{0,4}alias\s{1,4}[-+.\w]{1,20}(?:=|\s[\w+]{1,20}=)/ },
  { rule: 'alias', weight: 'certain', signs: '', group: 'alias', pattern: /["';&|]\s{0,4}alias\s{1,4}[-+.\w]{1,20}(?:=|\s[\w+]{1,20}=)/ },
  {
    rule: 'batch',
    weight: 'certain',
    signs: '%',
    group: 'loop',
    pattern:
      /(?:^|[&|;]\s{0,4})for\s{1,20}(?:\/[a-z]\s{1,20}(?:[\w:\\.]{1,40}\s{1,20}|\\?"[^"]{0,60}"\s{1,20})?){0,4}%{1,2}\S{0,12}\s{1,20}in\s{0,20}\(/,
  },
  {
    rule: 'batch',
    weight: 'certain',
    also: 'branchWord',
    signs: '',
    group: 'branch',
    pattern:
      /(?:^|[&|;]\s{0,4})if(?:\s{1,20}|(?=\/))(?:\/i\s{1,20})?(?:not\s{1,20})?(?:exist\s{1,20}[("]?[\w:\\~-]{1,60}[.:\\("]|errorlevel\s\d|cmdextversion\s|defined\s{1,20}\w{1,20}\s{1,20}[(\w])/,
  },
  {
    rule: 'batch',
    weight: 'bare',
    signs: '=',
    group: 'branch',
    pattern:
      /(?:^|[&|;]\s{0,4})if(?:\s{1,20}|(?=\/))(?:\/i\s{1,20})?(?:not\s{1,20})?[("[{]?[%!]{0,2}[\w ]{1,30}[%!]{0,2}["\])}]?\s{0,4}==\s{0,4}\S/,
  },
  {
    rule: 'batch',
    weight: 'bare',
    signs: '',
    group: 'branch',
    also: 'branchWord',
    pattern:
      /(?:^|[&|;]\s{0,4})if(?:\s{1,20}|(?=\/))(?:\/i\s{1,20})?(?:not\s{1,20})?[("[{]?[%!]{0,2}[\w ]{1,30}[%!]{0,2}["\])}]?\s{0,4}\b(?:equ|neq|gtr|geq|lss|leq)\b\s{0,4}\S/,
  },
  {
    rule: 'batch',
    weight: 'certain',
    oneOf: '%!',
    signs: '',
    group: 'branch',
    pattern: /(?:^|[&|;]\s{0,4})if(?:\s{1,20}|(?=\/))(?:not\s{1,20})?["([{]?[%!]\w{1,30}[%!]?["\])}]?\s{0,4}(?:==|equ|neq|gtr|geq|lss|leq)/,
  },
  {
    rule: 'powershell',
    weight: 'bare',
    signs: '',
    group: 'powershell',
    pattern:
      /\b(?:invoke-(?:expression|webrequest|command|mimikatz)|downloadstring\s{0,4}\(|new-object\s{1,4}(?:system\.)?net\.webclient|frombase64string\s{0,4}\()|powershell(?:\.exe)?\s{1,4}-\w/,
  },
  {
    rule: 'code',
    weight: 'bare',
    signs: '(',
    group: 'run',
    pattern:
      /\b(?:system|passthru|shell_exec|popen|proc_open|pcntl_exec|phpinfo|os\.system|subprocess\.(?:run|call|popen|check_output)|getruntime\(\)\.exec|child_process|eval\s{0,4}\(\s{0,4}compile|__import__|base64_decode)\s{0,4}[('"].{0,200}/,
  },
  {
    rule: 'code',
    weight: 'bare',
    signs: '<',
    pattern: /<\?(?:php|=|\s{1,4}(?:echo|print|system|exec|eval)\b)|<!--#\s{0,4}(?:exec|include|echo|set|config)/,
  },
  { rule: 'lookup', weight: 'certain', signs: '${', pattern: /\$\{(?:jndi|env|sys|lower|upper|::|:[^}]{0,12}-)/ },
  {
    rule: 'prompt',
    weight: 'bare',
    signs: '.',
    group: 'prompt',
    pattern: /[;"]\s{0,4}(?:\\n)?\s{0,4}\.\s{0,2}\\?["']?(?:shell|databases|system|tables|import|load)\b/,
  },
  { rule: 'wrapper', weight: 'certain', signs: '-', group: 'wrapper', pattern: /\s-wrapper\s{1,4}\w{0,4}sh,/ },
  { rule: 'decode', weight: 'certain', signs: '|', pattern: /\|\s{0,4}(?:base64|base32|rev|xxd|tac)\b.{0,40}\|\s{0,4}(?:ba|z|k|da)?sh\b/ },
])
