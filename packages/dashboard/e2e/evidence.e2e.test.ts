import { readFile } from 'node:fs/promises'
import { parseTrust, verifyBundle } from '@agentgate/core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestServer } from '../../server/src/test-server.ts'
import { describeInBrowser, opened, type Opened, type Visitor, visit } from './browser.ts'
import { consoleOf } from './console.ts'

describeInBrowser('verifying in a browser', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  let visitor: Visitor
  let certificate: string
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
    const { client } = await server.signIn('requester')
    certificate = (await client.playground.chat({ body: { session_id: 'evidence', text: 'My SSN is 123-45-6789' } })).certificate_id
    visitor = await visit(browser, server.url)
    await consoleOf(visitor.page).signIn(server.credentials.requester)
    await visitor.page.goto(`/evidence/${certificate}`)
  })
  afterAll(() => close?.())

  const keys = async () => (await fetch(`${server.url}/.well-known/agentgate-keys.json`)).text()
  const pin = (text: string) => visitor.page.getByLabel('The key you trust').fill(text)
  const verify = () => visitor.page.getByRole('button', { name: 'Verify this certificate' }).click()
  const result = (code: string) => visitor.page.locator(`[data-result="${code}"]`).waitFor()

  async function downloaded(): Promise<string> {
    const [download] = await Promise.all([
      visitor.page.waitForEvent('download'),
      visitor.page.getByRole('button', { name: 'Download the bundle' }).click(),
    ])
    expect(download.suggestedFilename()).toBe(`${certificate}.agentgate.json`)
    return readFile(await download.path(), 'utf8')
  }

  const verifyFile = (text: string) =>
    visitor.page
      .getByLabel('Verify another bundle')
      .setInputFiles({ name: 'x.agentgate.json', mimeType: 'application/json', buffer: Buffer.from(text) })

  it('calls nothing valid before a key is pinned', async () => {
    await pin('')
    await verify()
    await result('untrusted-key')
    expect(await visitor.page.locator('[data-result="valid"]').count()).toBe(0)
    expect(await visitor.page.locator('[data-check="trusted-key"]').getAttribute('data-ok')).toBe('false')
  })

  it('does not accept the key of somebody else', async () => {
    await pin('ab'.repeat(32))
    await verify()
    await result('untrusted-key')
  })

  it('says so when the pin cannot be read, instead of trusting nothing or another key', async () => {
    await pin('not a key')
    await verify()
    await result('failed')
  })

  it('names every check, and remembers the key', async () => {
    await pin(await keys())
    await verify()
    await result('valid')
    const names = await visitor.page
      .locator('[data-check]')
      .evaluateAll((checks) => checks.map((check) => check.getAttribute('data-check')))
    expect(names).toEqual(
      expect.arrayContaining(['canonical-form', 'trusted-key', 'certificate-signature', 'checkpoint-signature', 'inclusion', 'outcome']),
    )
    await visitor.page.reload()
    await verify()
    await result('valid')
  })

  it('hands out the very bytes that other verifiers accept', async () => {
    const file = await downloaded()
    expect((await verifyBundle(file, await parseTrust(await keys()))).code).toBe('valid')
  })

  it('works with the server gone, and finds what was changed', async () => {
    const file = await downloaded()
    await pin(await keys())
    await visitor.context.setOffline(true)
    await verifyFile(file)
    await result('valid')
    await verifyFile(
      file.replace(/"envelope":"(.{200})(.)/, (_, head: string, next: string) => `"envelope":"${head}${next === 'A' ? 'B' : 'A'}`),
    )
    await expect.poll(() => visitor.page.locator('[data-check][data-ok="false"]').count()).toBeGreaterThan(0)
    expect(await visitor.page.locator('[data-result="valid"]').count()).toBe(0)
    await verifyFile(`${file} `)
    await result('refused')
    await visitor.context.setOffline(false)
    expect(visitor.complaints.filter((each) => !/ERR_INTERNET_DISCONNECTED|network/i.test(each))).toEqual([])
  })
})
