import { Writable } from 'node:stream'
import { createInterface } from 'node:readline/promises'
import { Trouble } from './output.ts'

/** Reads one line that nobody should see: typed without an echo at a terminal, else the first line of standard input. */
export async function readSecret(asked: string): Promise<string> {
  const { stdin, stderr } = process
  if (stdin.isTTY) stderr.write(asked)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY === true })
  lines.on('SIGINT', () => lines.close())
  try {
    for await (const line of lines) return line
    throw new Trouble('No password was given: type it, or give it on standard input.')
  } finally {
    lines.close()
    if (stdin.isTTY) stderr.write('\n')
  }
}
