import type { RaisedThreat } from '@agentgate/core'

/** What a channel sends, and by what name its receiver knows it when it comes twice. */
export interface AlertText {
  readonly id: string
  readonly body: string
}

/** How a channel words alerts. Kinds, counts and opaque ids: no text of a call, no address, no name. */
export interface Wording {
  /** `page`: where people look at threats. */
  readonly raised: (threat: RaisedThreat, page: string) => AlertText
  /** `more` threats that were not told one by one; `id` names this telling. */
  readonly more: (id: string, more: number, page: string) => AlertText
}

/** `{type: "threat.raised", threat: {…}}` and `{type: "threats.more", more}`. */
export const jsonWording: Wording = {
  raised(threat, page) {
    const { id, kind, severity, state, count, decision, firstAt, lastAt } = threat
    const principal = principalOf(threat)
    const told = {
      id,
      kind,
      severity,
      state,
      count,
      ...(principal !== undefined && { principal }),
      ...(decision !== undefined && { decision_id: decision }),
      first_at: new Date(firstAt).toISOString(),
      last_at: new Date(lastAt).toISOString(),
      url: pageOf(page, id),
    }
    return { id: idOf(threat), body: JSON.stringify({ type: 'threat.raised', threat: told }) }
  },
  more: (id, more, page) => ({ id, body: JSON.stringify({ type: 'threats.more', more, url: page }) }),
}

/** A text for an incoming webhook of Slack, or of whatever takes the same. */
export const slackWording: Wording = {
  raised(threat, page) {
    const { kind, severity, count } = threat
    const principal = principalOf(threat)
    const times = count === 1 ? '' : `, seen ${count} times`
    const who = principal === undefined ? '' : ` of \`${escaped(principal)}\``
    const at = pageOf(page, threat.id)
    return { id: idOf(threat), body: slack(`*${severity}* \`${escaped(kind)}\`${who}${times}`, at) }
  },
  more: (id, more, page) => ({ id, body: slack(`${more} more ${more === 1 ? 'threat was' : 'threats were'} raised`, page) }),
}

function slack(text: string, page: string): string {
  return JSON.stringify({ text: `${text}: <${escaped(page)}|look at threats>` })
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/`/g, "'")
}

function pageOf(page: string, id: string): string {
  return `${page}?id=${encodeURIComponent(id)}`
}

function idOf({ id, count }: RaisedThreat): string {
  return `${id}/${count}`
}

/** Addresses of networks stay in the house. */
function principalOf({ subject }: RaisedThreat): string | undefined {
  return subject.startsWith('network:') ? undefined : subject
}
