import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'

/**
 * The server, started anew when its source changes, and the dashboard's development server in front of it. Ctrl-C stops both.
 * Not `node --watch`: that posts messages of its own into the server's worker threads.
 */
const env = { ...process.env, AGENTGATE_ENV: 'development', AGENTGATE_DATA: process.env['AGENTGATE_DATA'] ?? '.agentgate/dev' }
const serve = () => spawn(process.execPath, ['packages/cli/bin/agentgate', 'serve'], { stdio: 'inherit', env })

let server: ChildProcess = serve()
let due: NodeJS.Timeout | undefined
for (const name of ['core', 'api', 'server', 'cli']) {
  watch(`packages/${name}/src`, { recursive: true }, (_event, file) => {
    if (!file?.endsWith('.ts') || file.endsWith('.test.ts')) return
    clearTimeout(due)
    due = setTimeout(() => {
      const old = server
      const again = () => void (server = serve())
      if (old.exitCode === null && old.kill('SIGTERM')) old.once('exit', again)
      else again()
    }, 200)
  })
}
const dashboard = spawn('node_modules/.bin/vite', ['packages/dashboard'], { stdio: 'inherit', env })
const stop = () => {
  server.kill('SIGTERM')
  dashboard.kill('SIGTERM')
  server.once('exit', () => process.exit(0))
}
process.on('SIGINT', stop).on('SIGTERM', stop)
