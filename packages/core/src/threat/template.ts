import type { Hit, Weight } from './kind.ts'
import { gated, type Marks, matches } from './marks.ts'
import type { Steps } from './steps.ts'

/** Finds expressions that a template engine would run. A plain placeholder, `{{name}}` or `${name}`, is none. */
export function template(text: string, hits: Hit[], marks: Marks, steps: Steps): void {
  for (const { shape, start, end } of matches(expressions, text, marks, steps))
    hits.push({ kind: 'template_injection', detector: `template-${shape.rule}`, start, end, weight: shape.weight })
}

const reach = String.raw`(?:\s|__\s|\.\s){0,4}[^{}]{0,200}`
const sum = String.raw`\s{0,4}['"]?\d{1,9}['"]?\s{0,4}[*+/-]\s{0,4}['"]?\d{1,9}['"]?\s{0,4}`
const expressions = gated<Weight>([
  {
    rule: 'arithmetic',
    weight: 'certain',
    signs: '{}',
    oneOf: '*+/-',
    pattern: new RegExp(String.raw`(?:\{\{|\$\{|#\{|\*\{|@\{|%\{|\{=)${sum}\}\}?`),
  },
  { rule: 'arithmetic', weight: 'certain', signs: '<%>', oneOf: '*+/-', pattern: new RegExp(`<%=?${sum}%>`) },
  { rule: 'arithmetic', weight: 'certain', signs: '[]', oneOf: '*+/-', pattern: new RegExp(String.raw`\[\[${sum}\]\]`) },
  {
    rule: 'object',
    weight: 'certain',
    signs: '{',
    pattern: new RegExp(
      String.raw`\{[{%]${reach}(?:__\s{0,2}(?:class|mro|subclasses|globals|builtins|init|import|base)|\bclass\s{0,4}__|request\.|config(?:\.|\[|\s{0,4}\}\})|self\.|lipsum|cycler|joiner|constructor|_self|get_user_file|system|passthru|popen|exec\b|\|\s{0,4}(?:filter|map|sort)\s{0,2}\()`,
    ),
  },
  {
    rule: 'object',
    weight: 'certain',
    signs: '${',
    pattern: /\$\{\s{0,4}(?:t\(java|class\b|''\.|"".|runtime|new\s|[\w.]{1,40}\.getclass|self\.module|applicationscope|sleep\()|\{\$\{/,
  },
  { rule: 'object', weight: 'bare', signs: '%{}', oneOf: '#@', pattern: /%\{\s{0,4}\(?\s{0,4}[#@][a-z_]/ },
  { rule: 'object', weight: 'certain', signs: '<%', pattern: /<%=?\s{0,4}(?:system|exec|file|dir|`|eval|require|runtime)/ },
  { rule: 'object', weight: 'certain', signs: '#{', pattern: /#\{\s{0,4}(?:system|`|exec|eval|t\(|runtime|%x)/ },
  { rule: 'object', weight: 'certain', signs: '#($', pattern: /#set\s{0,4}\(\s{0,4}\$/ },
  { rule: 'call', weight: 'bare', signs: '{}()', pattern: /\{\{\s{0,4}[\w.'"[\]]{1,60}\([^{}]{0,200}\)[^{}]{0,60}\}\}/ },
])
