import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { describe, it } from 'vitest'
import { startTestServer, type TestServer } from '../../server/src/test-server.ts'

const known = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executable = known.find((path) => path !== '' && existsSync(path))

/** Like `describe`, in a real browser. Where none is found the tests are skipped and say so; in CI that is a failure. */
export const describeInBrowser: (name: string, body: () => void) => void = (name, body) => {
  if (executable) return void describe(name, body)
  const missing = `NO BROWSER FOUND, so nothing of \`${name}\` was tested: install Debian's \`chromium\`, or name one by \`CHROMIUM\`.`
  if (process.env['CI']) {
    describe(name, () => {
      it('needs a browser', () => {
        throw new Error(missing)
      })
    })
    return
  }
  console.warn(`\n  ${missing}\n`)
  describe.skip(name, body)
}

const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ args: flags.split(' '), ...(executable && { executablePath: executable }) })
}

/** A person's own browser profile, and everything that went wrong in it. */
export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  /** Violations of the content security policy, uncaught errors, and what the page complained of, save answers with an error status. */
  readonly complaints: string[]
}

export async function visit(browser: Browser, url: string, options: { readonly dark?: boolean } = {}): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    colorScheme: options.dark ? 'dark' : 'light',
    acceptDownloads: true,
  })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog opened: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (said) => {
    if (said.type() === 'error' && !said.text().startsWith('Failed to load resource')) complaints.push(said.text())
  })
  return { context, page, complaints }
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds on the page as it is now: one line a finding. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const run = `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, failureSummary }) =>
    id + ' at ' + target.join(' ') + ': ' + (any[0]?.message ?? failureSummary))))`
  return page.evaluate<readonly string[]>(run)
}

/** A server with the built dashboard, and a browser to visit it with. */
export interface Opened {
  readonly server: TestServer
  readonly browser: Browser
  readonly close: () => Promise<void>
}

export async function opened(): Promise<Opened> {
  const [dashboard, browser] = await Promise.all([builtDashboard(), openBrowser()])
  const server = await startTestServer({ dashboard })
  return {
    server,
    browser,
    async close() {
      await browser.close()
      await server.stop()
    },
  }
}

const here = join(import.meta.dirname, '..')

/** The folder of the built dashboard: `dist` if it is newer than every source, else one built for this run. */
export async function builtDashboard(): Promise<string> {
  const dist = join(here, 'dist')
  const index = join(dist, 'index.html')
  const sources = ['index.html', 'vite.config.ts', 'src', 'public', '../api/src', '../core/src/evidence'].map((path) => join(here, path))
  if (existsSync(index) && statSync(index).mtimeMs > Math.max(...sources.map(newest))) return dist
  const outDir = await mkdtemp(join(tmpdir(), 'agentgate-dashboard-'))
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }))
  await build({ configFile: join(here, 'vite.config.ts'), root: here, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  return outDir
}

function newest(path: string): number {
  const { mtimeMs, isDirectory } = { mtimeMs: statSync(path).mtimeMs, isDirectory: statSync(path).isDirectory() }
  if (!isDirectory) return mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}
