import type { WireErasure } from '@agentgate/api'
import type { Command } from 'commander'
import { asking, type Terminal } from './commands.ts'
import { table } from './layout.ts'
import { Trouble } from './output.ts'

interface Options {
  readonly purpose?: string
  readonly profile?: 'strict_tokenized' | 'trusted_restore' | 'authorized_viewers'
  readonly subject?: boolean
  readonly expires?: string
  readonly principal?: string
  readonly all?: boolean
  readonly confirm?: string
}

const forWhat = (made: Command) => made.requiredOption('--purpose <words>', 'what for: it stands in the audit log')
const ofWhom = (made: Command) => forWhat(made).option('--principal <id>', 'whose session it is, when not your own')

/** Texts and sessions. What is personal comes on standard input: an argument would stay in the shell's history. */
export function addPiiTexts(noun: Command, terminal: Terminal, exit: (code: number) => void): void {
  const command = asking<Options>(noun, terminal, exit)
  const { print, secret } = terminal
  const text = async () => {
    const bytes = await terminal.input?.()
    if (!bytes || bytes.length === 0) throw new Trouble('No text was given: give it on standard input.')
    return new TextDecoder().decode(bytes)
  }

  command({
    usage: 'step-up',
    description: 'prove for some minutes that it is you, by your password on standard input: revealing, erasing and rotating take it',
    ask: async (client) => client.principals.stepUp({ body: { password: (await secret?.('Password: ')) ?? '' } }),
    say: ({ until }) => print(`stepped up until ${until}`),
  })
  command({
    usage: 'detect',
    description: 'say where personal data stands in the text on standard input; exit 1 if there is some',
    ask: async (client) => client.pii.detect({ body: { text: await text() } }),
    say: ({ detections }) =>
      table(
        print,
        ['KIND', 'FROM', 'TO', 'SCORE', 'BY'],
        detections.map(({ kind, start, end, score, recognizer }) => [kind, String(start), String(end), score.toFixed(2), recognizer]),
      ),
    no: ({ detections }) => detections.length > 0,
  })
  command({
    usage: 'open',
    description: 'open a session, and print its id',
    ask: async (client, _, { purpose = '', profile, subject, expires }) =>
      client.pii.createSession({
        body: {
          purpose,
          ...(profile && { profile }),
          ...(expires !== undefined && { expires_at: expires }),
          ...(subject && { subject: (await secret?.('Whom the data is about: ')) ?? '' }),
        },
      }),
    say: ({ session_id }) => print(session_id),
    shape: (made) =>
      forWhat(made)
        .option('--profile <name>', 'strict_tokenized, trusted_restore or authorized_viewers')
        .option('--expires <time>', 'when it ends: RFC 3339')
        .option('--subject', 'read whom the data is about from standard input; only a keyed hash of it is kept'),
  })
  command({
    usage: 'sessions',
    description: 'list sessions of the vault, the last opened first',
    ask: (client, _, { all }) => client.pii.sessions({ query: { limit: 200, ...(all && { all: 'true' as const }) } }),
    say: ({ items }) =>
      table(
        print,
        ['SESSION', 'PURPOSE', 'PRINCIPAL', 'PROFILE', 'EXPIRES', 'VALUES'],
        items.map(({ session_id, purpose, principal, profile, expires_at, kinds }) => [
          session_id,
          purpose,
          principal,
          profile,
          expires_at,
          counts(kinds),
        ]),
      ),
    shape: (made) => made.option('--all', "everybody's"),
  })
  command({
    usage: 'forget <session>',
    description: 'destroy the key of a session: nobody can read its values again',
    ask: (client, [id = ''], { confirm }) => {
      typed(confirm, 'forget')
      return client.pii.forget({ params: { id } })
    },
    say: ({ erasure }) => print(certified(erasure)),
    shape: (made) => made.option('--confirm <word>', 'type `forget`'),
  })
  command({
    usage: 'redact <session>',
    description: 'print the text on standard input with tokens for personal data',
    ask: async (client, [session_id = '']) => client.pii.redact({ body: { session_id, text: await text() } }),
    say: ({ redacted_text }) => print(redacted_text.trimEnd()),
  })
  command({
    usage: 'restore <session>',
    description: 'print the text on standard input with the values of its tokens',
    ask: async (client, [session_id = ''], { purpose = '', principal }) =>
      client.pii.restore({ body: { session_id, text: await text(), purpose, ...(principal !== undefined && { principal }) } }),
    say: ({ restored_text }) => print(restored_text.trimEnd()),
    shape: ofWhom,
  })
  command({
    usage: 'reveal <session> <token>',
    description: 'print the value behind one token',
    ask: (client, [session_id = '', token = ''], { purpose = '', principal }) =>
      client.pii.reveal({ body: { session_id, token, purpose, ...(principal !== undefined && { principal }) } }),
    say: ({ value }) => print(value),
    shape: ofWhom,
  })
  command({
    usage: 'erase',
    description: 'erase all that is kept about the person named on standard input',
    ask: async (client, _, { confirm }) => {
      typed(confirm, 'erase')
      return client.pii.erase({ body: { subject: (await secret?.('Whom to erase: ')) ?? '', confirm: 'erase' } })
    },
    say: (erasure) => {
      print(certified(erasure))
      if (erasure.opening) print(`salt ${erasure.opening.salt}: keep it to show whose erasure it was; it is kept nowhere else`)
    },
    shape: (made) => made.option('--confirm <word>', 'type `erase`'),
  })
}

/** What cannot be undone takes a word that nobody types by mistake. */
export function typed(given: string | undefined, word: string): void {
  if (given !== word) throw new Trouble(`This cannot be undone: give \`--confirm ${word}\`.`)
}

export function counts(kinds: { readonly [kind: string]: number }): string {
  return Object.entries(kinds)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
}

function certified({ erasure_id, entry, sessions, values }: WireErasure): string {
  return `destroyed ${sessions} session keys with ${counts(values) || 'no values'}: certificate ${erasure_id}, entry ${entry} of the ledger`
}
