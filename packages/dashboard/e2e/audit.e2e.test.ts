import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../cli/src/main.ts'
import type { TestServer } from '../../server/src/test-server.ts'
import { describeInBrowser, opened, type Opened, type Visitor, visit } from './browser.ts'
import { consoleOf } from './console.ts'

describeInBrowser('the audit log', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  let visitor: Visitor
  let certificate: string
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-audit-'))
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
    const { client } = await server.signIn('requester')
    certificate = (await client.playground.chat({ body: { session_id: 'audit', text: 'My SSN is 123-45-6789 — Zoë' } })).certificate_id
    visitor = await visit(browser, server.url)
    await consoleOf(visitor.page).signIn(server.credentials.requester)
    await visitor.page.goto('/audit')
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await close?.()
  })

  it('lists what happened, newest first, narrowed to one type by the address', async () => {
    const { page } = visitor
    const events = page.getByRole('list', { name: 'Audit events' })
    await events.getByText('policy.activated').first().waitFor()
    await page.getByLabel('Type of event').fill('pii.masked')
    await page.getByLabel('Type of event').press('Enter')
    await page.waitForURL(/type=pii\.masked/)
    await events.getByText('pii.masked').first().click()
    await page
      .getByRole('group', { name: /Details of event/ })
      .getByText('SSN')
      .first()
      .waitFor()
    expect(await events.textContent()).not.toContain('123-45-6789')
    await page.getByLabel('Type of event').fill('no.such.event')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('No such events').waitFor()
    await page.getByRole('button', { name: 'All types' }).click()
    await events.getByText('policy.activated').first().waitFor()
  })

  it('is checked from its page', async () => {
    await visitor.page.getByRole('button', { name: 'Check the audit chain' }).click()
    await visitor.page.getByText('just now').waitFor()
    await visitor.page.getByText(/intact, \d+ entries/).waitFor()
  })

  it('exports a period that verifies without the server, and says how far it is', async () => {
    const { page } = visitor
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()])
    expect(download.suggestedFilename()).toMatch(/^agentgate-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.tar$/)
    await page.getByText('Exported.').waitFor()
    execFileSync('tar', ['-xf', await download.path(), '-C', folder])
    const keys = join(folder, 'pinned.json')
    writeFileSync(keys, await (await fetch(`${server.url}/.well-known/agentgate-keys.json`)).text())
    const out: string[] = []
    const code = await run(['evidence', 'verify', join(folder, 'period'), '--trust', keys], {}, (line) => out.push(line), console.error)
    expect([code, out.at(-1)], out.join('\n')).toEqual([0, expect.stringContaining('VALID')])
    await page.getByLabel('First day (UTC)').fill('2020-01-03')
    await page.getByLabel('Last day (UTC)').fill('2020-01-01')
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('alert').getByText('ends before it begins').waitFor()
  })

  it('shows the theorem of a decision, and hands it over for any solver', async () => {
    const { page } = visitor
    await page.goto(`/evidence/${certificate}`)
    await page.getByText('The theorem', { exact: true }).click()
    await page.getByRole('group', { name: 'The theorem’s script' }).getByText('(check-sat)').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download .smt2' }).click()])
    expect(download.suggestedFilename()).toBe(`${certificate}.smt2`)
    expect(visitor.complaints).toEqual([])
  })
})
