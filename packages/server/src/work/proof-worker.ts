import { parentPort } from 'node:worker_threads'
import { proofAnswers } from './proof-answers.ts'

/** The thread that states each decision as a theorem, and that Z3 blocks while it proves it. */
if (!parentPort) throw new TypeError('This file runs in a worker thread.')
await proofAnswers(parentPort)
