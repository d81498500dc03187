import { spawn } from 'node:child_process'

/** The server with reload, and the dashboard's development server in front of it. Ctrl-C stops both. */
const env = { ...process.env, AGENTGATE_ENV: 'development', AGENTGATE_DATA: process.env['AGENTGATE_DATA'] ?? '.agentgate/dev' }
const children = [
  spawn(process.execPath, ['--watch', '--watch-preserve-output', 'packages/cli/src/main.ts', 'serve'], { stdio: 'inherit', env }),
  spawn('node_modules/.bin/vite', ['packages/dashboard'], { stdio: 'inherit', env }),
]
const stop = () => {
  for (const child of children) child.kill('SIGTERM')
}
process.on('SIGINT', stop).on('SIGTERM', stop)
for (const child of children) child.on('exit', stop)
