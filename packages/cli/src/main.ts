import { buffer } from 'node:stream/consumers'
import { Command, CommanderError } from 'commander'
import { exportEvidence, showTheorem, verifyEvidence } from './evidence.ts'
import { type Output, Trouble } from './output.ts'
import { piiCommand } from './pii.ts'
import { delegationsCommand } from './delegations.ts'
import { plansCommand } from './plans.ts'
import { policiesCommand } from './policies.ts'
import { threatsCommand } from './threats.ts'
import { readSecret } from './secret.ts'

/** Runs the command line. Answers the exit code: 0 done, 1 the answer is no, 2 misuse or trouble. */
export async function run(words: readonly string[], env: NodeJS.ProcessEnv, print: Output, complain: Output): Promise<number> {
  let code = 0
  const program = new Command('agentgate')
    .description('Decides for every call of an AI agent whether it should execute now, and leaves evidence.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => complain(text.trimEnd()) })

  program
    .command('serve')
    .description('start the server: API, dashboard and evidence on one port')
    .option('--port <number>', 'port to listen on')
    .option('--host <address>', 'address to listen on')
    .option('--data <folder>', 'folder of the embedded store')
    .action(async (options: { port?: string; host?: string; data?: string }) => {
      // Only serving needs the server: everything else starts without it.
      const { serve } = await import('./serve.ts')
      code = await serve(options, env)
    })

  const evidence = program.command('evidence').description('check what a server has left behind')
  evidence
    .command('theorem')
    .description('show the theorem of a decision: what a solver proved before it was on record')
    .argument('<id>', 'of the decision, or of its call')
    .option('--smt2', 'print the script, for any SMT solver: it answers `unsat`')
    .option('--url <address>', 'where the server is (AGENTGATE_URL)')
    .action(async (id: string, { smt2 = false, url }: { smt2?: boolean; url?: string }) => {
      const at = url ?? env['AGENTGATE_URL'] ?? 'http://127.0.0.1:3000'
      code = await showTheorem({ url: at, token: env['AGENTGATE_TOKEN'] }, id, smt2, print)
    })
  evidence
    .command('export')
    .description('write a period of the ledger into a folder: every entry, and the bundle of each decision; goes on where it stopped')
    .requiredOption('--from <time>', 'its beginning: `2026-01-01`, or `2026-01-01T09:00:00Z`')
    .option('--to <time>', 'its end, which is no part of it; now unless given')
    .requiredOption('--out <folder>', 'where to write it')
    .option('--url <address>', 'where the server is (AGENTGATE_URL)')
    .action(async ({ url, ...period }: { url?: string; from: string; to?: string; out: string }) => {
      const at = url ?? env['AGENTGATE_URL'] ?? 'http://127.0.0.1:3000'
      code = await exportEvidence({ url: at, token: env['AGENTGATE_TOKEN'] }, period, print)
    })
  evidence
    .command('verify')
    .description('verify an evidence bundle or an export, offline, against keys that you pin')
    .argument('<file>', 'the .agentgate.json bundle, or the folder of an export')
    .requiredOption('--trust <keys>', 'a file with pinned keys (JWKS or PEM), or SHA-256 fingerprints')
    .action(async (file: string, { trust }: { trust: string }) => {
      code = await verifyEvidence(file, trust, print)
    })

  const terminal = {
    url: env['AGENTGATE_URL'],
    token: env['AGENTGATE_TOKEN'],
    print,
    input: () => buffer(process.stdin),
    secret: readSecret,
  }
  for (const noun of [
    policiesCommand(terminal, (asked) => (code = asked)),
    delegationsCommand(terminal, (asked) => (code = asked)),
    plansCommand(terminal, (asked) => (code = asked)),
    piiCommand(terminal, (asked) => (code = asked)),
    threatsCommand(terminal, (asked) => (code = asked)),
  ]) {
    for (const each of [noun, ...noun.commands])
      each.exitOverride().configureOutput({ writeOut: (said) => print(said.trimEnd()), writeErr: (said) => complain(said.trimEnd()) })
    program.addCommand(noun)
  }

  try {
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof Trouble)) throw error
    complain(`agentgate: ${error.message}`)
    return 2
  }
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), process.env, console.log, console.error)
