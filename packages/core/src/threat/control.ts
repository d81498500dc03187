import type { Call } from '../call.ts'
import { type Detect, refusal } from '../control.ts'
import type { Finding } from '../decision.ts'
import type { Json, JsonObject } from '../json.ts'
import { detecting } from './detect.ts'
import { type Severity, type Threat, type ThreatKind, worstFirst } from './kind.ts'
import { inSlices, type Judging, stepsWithin } from './steps.ts'
import { texts } from './texts.ts'

export interface ThreatOptions {
  /** Kinds that refuse; the others are reported only. All by default. */
  readonly block?: readonly ThreatKind[]
  /** Whether a payload in a tool's output withholds it. Off by default: output is data, and pages about SQL and HTML are ordinary. */
  readonly withholdOutput?: boolean
}

interface Found {
  readonly path: string
  readonly threat: Threat
}

/**
 * Refuses calls that carry a payload in any string of the input, keys included, or in the resource, each judged as the kind that its
 * top-level argument declared. The facts `threat_kinds`, `threat_severity` and `threat_count` are always published, for what was found in a
 * sentence as well. A tool's output is judged as prose and reported; it is withheld only with `withholdOutput`.
 */
export function threat({ block, withholdOutput = false }: ThreatOptions = {}): Detect {
  const refuses = (found: Found): boolean => !found.threat.mention && (block === undefined || block.includes(found.threat.kind))
  return {
    name: 'threat',
    evaluate: async (call, { signal }) =>
      verdict(
        await inSlices(inCall(call), signal),
        refuses,
        'Remove it, or declare what the argument is (`sql`, `shell`, `path`, `url`, `html`, `prose`).',
      ),
    inspect: async (output, _, { signal }) =>
      verdict(
        await inSlices(inOutput(output), signal),
        (found) => withholdOutput && refuses(found),
        'The output is withheld: look at it in the tool itself.',
      ),
  }
}

function* inCall(call: Call): Judging<readonly Found[]> {
  const found: Found[] = []
  const steps = stepsWithin()
  for (const { text, path, argument } of texts(call.input)) {
    if (steps.due()) yield
    const kind = Object.hasOwn(call.tool.arguments, argument) ? call.tool.arguments[argument] : undefined
    for (const threat of yield* detecting(text, kind, steps)) found.push({ path, threat })
  }
  for (const threat of yield* detecting(call.resource, undefined, steps)) found.push({ path: 'resource', threat })
  return found
}

function* inOutput(output: Json): Judging<readonly Found[]> {
  const found: Found[] = []
  const steps = stepsWithin()
  for (const { text, path } of texts(output)) {
    if (steps.due()) yield
    for (const threat of yield* detecting(text, 'prose', steps)) found.push({ path, threat })
  }
  return found
}

function verdict(found: readonly Found[], refuses: (found: Found) => boolean, advice: string): Finding {
  const facts = factsOf(found)
  const worst = found.filter(refuses).toSorted((one, other) => worstFirst(one.threat, other.threat))[0]
  if (!worst) return { verdict: 'pass', facts }
  const { kind, detector } = worst.threat
  const message = `\`${worst.path}\` carries what would run as ${names[kind]} (\`${detector}\`). ${advice}`
  return { ...refusal('threat-found', message, { kind }), facts }
}

const names: { readonly [kind in ThreatKind]: string } = {
  sql_injection: 'SQL',
  shell_injection: 'a shell command',
  path_traversal: 'a path outside its folder',
  xss: 'script in a page',
  ldap_injection: 'an LDAP filter',
  ssrf: 'a request to an internal address',
  header_injection: 'a header',
  template_injection: 'a template expression',
}

function factsOf(found: readonly Found[]): JsonObject {
  const worst: Severity | 'none' = found.map(({ threat }) => threat).toSorted(worstFirst)[0]?.severity ?? 'none'
  const kinds = [...new Set(found.map(({ threat }) => threat.kind))].toSorted()
  return { threat_kinds: kinds, threat_severity: worst, threat_count: found.length }
}
