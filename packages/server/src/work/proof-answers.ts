import { getHeapStatistics } from 'node:v8'
import type { MessagePort } from 'node:worker_threads'
import { openZ3, type Parts, policyReader, theoremDecider, theoremOf } from '@agentgate/core'
import { answering } from './answering.ts'
import type { ProofAnswer, ProofQuestion, SetText } from './proof-question.ts'

/** Texts of sets that are kept at once. */
const most = 256

/** Answers questions about decisions by an instance of Z3. `parts` replaces some of what it uses by faulty ones, in tests. */
export async function proofAnswers(port: MessagePort, parts?: Partial<Parts>): Promise<void> {
  const z3 = await openZ3()
  const read = policyReader()
  const decide = theoremDecider(z3, parts)
  const texts = new Map<string, string>()
  let answered = 0
  let memory = 0
  answering(port, found, () => {
    // Asking Z3 how much it has taken costs as much as several proofs.
    if (answered++ % 1_000 === 999) memory = z3.memory() + getHeapStatistics().used_heap_size / 2 ** 20
    return memory
  })
  port.postMessage('ready')

  function found(question: ProofQuestion): ProofAnswer {
    const { version } = z3
    if (question.ask === 'alive') {
      if (z3.run('(assert (= 1 2))(check-sat)').answer !== 'unsat') throw new TypeError('The solver takes one for two.')
      return { said: 'alive', version }
    }
    const { judged, basis, sets } = question
    const known = sets.map((set) => ({ ...set, text: textOf(set) }))
    const lacking = known.flatMap(({ digest, text }) => (text === undefined ? digest : []))
    if (lacking.length > 0) return { said: 'texts', of: lacking }
    const policies = read(known.map(({ id, digest, text = '' }) => ({ id, digest, text })))
    if (question.ask === 'prove') return { said: 'proved', proved: decide(judged, basis, policies, question.how), version }
    const { script, hash } = theoremOf(judged, basis, policies)
    return { said: 'script', script, hash }
  }

  function textOf({ digest, text }: SetText): string | undefined {
    if (text !== undefined) {
      for (const oldest of texts.keys()) if (texts.size >= most) texts.delete(oldest)
      texts.set(digest, text)
    }
    return texts.get(digest)
  }
}
