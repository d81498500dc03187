import { parentPort } from 'node:worker_threads'
import { analysis, type CedarPolicy, cedarSchema, openZ3, readCedar, readInvariants, solverOf } from '@agentgate/core'
import type { AnalysisAnswers, AnalysisQuestion, NamedSet } from './analysis-work.ts'
import type { Said } from './one-worker.ts'

type Answers = AnalysisAnswers[AnalysisQuestion['ask']]

/** The thread that encodes policies, and that Z3 blocks while it solves. */
const port = parentPort
if (!port) throw new TypeError('This file runs in a worker thread.')
const z3 = await openZ3()
port.on('message', ({ id, question }: { readonly id: number; readonly question: AnalysisQuestion }) => {
  const say = (said: Pick<Said<Answers>, 'answer' | 'error'>) =>
    port.postMessage({ id, ...said, memory: z3.memory() } satisfies Said<Answers>)
  answer(question).then(
    (found) => say({ answer: found }),
    (error: unknown) => say({ error: error instanceof Error ? error.message : 'The analysis broke off.' }),
  )
})
port.postMessage('ready')

async function answer(question: AnalysisQuestion): Promise<Answers> {
  const { tools, limit } = question
  const about = analysis({ solver: solverOf(z3), tools, limit })
  switch (question.ask) {
    case 'invariants': {
      const read = readInvariants(question.invariants, cedarSchema(tools).schema)
      if (!read.ok) throw new TypeError(`The invariants cannot be read: ${read.errors[0]?.message}`)
      const found = await about.invariants(policies(question.sets), read.invariants)
      return found.map(({ invariant: { id, says }, ...rest }) => ({ ...rest, invariant: { id, says } }))
    }
    case 'difference':
      return about.difference(policies(question.before), policies(question.after))
    case 'at-most':
      return about.atMost(policies(question.narrow), policies(question.wide))
    case 'findings':
      return about.findings(policies(question.sets))
  }
}

/** The policies of several sets, each under its set's name. */
function policies(sets: readonly NamedSet[]): readonly CedarPolicy[] {
  return sets.flatMap(({ id, text }) => {
    const read = readCedar(text)
    if (!read.ok) throw new TypeError(`The policy set \`${id}\` cannot be read: ${read.errors[0]?.message}`)
    return read.policies.map((policy) => ({ ...policy, id: `${id}/${policy.id}` }))
  })
}
