import { Command } from 'commander'
import type { Terminal } from './commands.ts'
import { addPiiCustody } from './pii-custody.ts'
import { addPiiTexts } from './pii-texts.ts'

/** `agentgate pii …`: personal data of a server. `exit` is told 1 when the answer is no. */
export function piiCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const noun = new Command('pii').description('find, mask, restore and erase personal data, and look after the vault of a server')
  addPiiTexts(noun, terminal, exit)
  addPiiCustody(noun, terminal, exit)
  return noun
}
