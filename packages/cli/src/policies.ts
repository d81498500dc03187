import { Command } from 'commander'
import type { Terminal } from './commands.ts'
import { addQuestions } from './policy-questions.ts'
import { addStates } from './policy-states.ts'
import { addTexts } from './policy-texts.ts'

/** `agentgate policies …`: policy sets of a server. `exit` is told 1 when the answer is no. */
export function policiesCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const noun = new Command('policies').description('write, publish, activate and question the policy sets of a server')
  addTexts(noun, terminal, exit)
  addStates(noun, terminal, exit)
  addQuestions(noun, terminal, exit)
  return noun
}
