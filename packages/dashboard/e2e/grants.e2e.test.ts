import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestServer } from '../../server/src/test-server.ts'
import { axeFindings, describeInBrowser, opened, type Opened, type Visitor, visit } from './browser.ts'
import { consoleOf } from './console.ts'

describeInBrowser('grants, on the policies page', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  let visitor: Visitor
  let holder: string
  let decided: () => Promise<string>
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
    const { client } = await server.signIn('requester')
    const input = { type: 'object', properties: { resource: { type: 'string' } } }
    await client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
    const agent = await server.agentOf('worker')
    holder = (await agent.client.principals.me()).id
    decided = async () => {
      const { verdict, reason } = await agent.client.calls.decide({ body: { action: 'look_up', input: { resource: '/reports/may' } } })
      return reason?.code ?? verdict
    }
    visitor = await visit(browser, server.url)
    await consoleOf(visitor.page).signIn(server.credentials.requester)
    await visitor.page.keyboard.press('g')
    await visitor.page.keyboard.press('l')
    await visitor.page.getByRole('heading', { level: 2, name: 'Grants' }).waitFor()
  })
  afterAll(() => close?.())

  const grants = () => visitor.page.getByRole('list', { name: 'Grants' }).getByRole('listitem')

  it('are handed out by keyboard, and bind their holder at once', async () => {
    const { page } = visitor
    await page.getByText('Nothing that was handed on stands.').waitFor()
    expect(await decided()).toBe('allow')
    await page.getByLabel('Holder').fill(holder)
    await page.getByLabel('Actions').fill('effect:read')
    await page.getByLabel('Resources').fill('/other/*')
    await page.keyboard.press('Enter')
    await grants().filter({ hasText: 'effect:read on /other/*' }).waitFor()
    expect(await decided()).toBe('grant-exceeded')
    await page.getByLabel('Holder').fill(holder)
    await page.getByLabel('Actions').fill('look_up')
    await page.getByLabel('Resources').fill('/reports/*, /notes')
    await page.keyboard.press('Enter')
    await grants().filter({ hasText: 'look_up on /reports/*, /notes' }).waitFor()
    expect(await decided()).toBe('allow')
  })

  it('say what is wrong with one that cannot be', async () => {
    const { page } = visitor
    await page.getByLabel('Holder').fill('Agent::nobody')
    await page.keyboard.press('Enter')
    await page.getByText('Nobody of that id may ask for anything here.').waitFor()
  })

  it('are taken back after a second look, for the very next call', async () => {
    const { page } = visitor
    const row = grants().filter({ hasText: 'look_up on' })
    await row.getByRole('button', { name: /^Revoke what/ }).click()
    await row.getByRole('button', { name: 'Keep' }).click()
    expect(await decided()).toBe('allow')
    await row.getByRole('button', { name: /^Revoke what/ }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await row.waitFor({ state: 'detached' })
    expect(await decided()).toBe('grant-exceeded')
    await page.getByRole('group', { name: 'Which grants' }).getByLabel('All').check({ force: true })
    await row.getByText('revoked').waitFor()
  })

  it('have nothing that axe finds, in either theme, and fit a narrow window', async () => {
    const { page } = visitor
    for (const dark of [false, true]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      expect(await axeFindings(page)).toEqual([])
    }
    await page.setViewportSize({ width: 390, height: 800 })
    await page.getByRole('heading', { level: 2, name: 'Grants' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  })
})
