import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestServer } from '../../server/src/test-server.ts'
import { axeFindings, describeInBrowser, opened, type Opened, type Visitor, visit } from './browser.ts'
import { consoleOf } from './console.ts'

describeInBrowser('the threats page', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  let visitor: Visitor
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
    const { client } = await server.signIn('requester')
    const input = { type: 'object', properties: { text: { type: 'string' } } }
    await client.tools.put({ params: { name: 'look_up' }, query: {}, body: { input, effect: 'read' } })
    const agent = await server.agentOf('curious')
    for (const text of ["x' OR '1'='1", '../../../etc/passwd'])
      await agent.client.calls.decide({ body: { action: 'look_up', input: { text } } })
    visitor = await visit(browser, server.url)
    await consoleOf(visitor.page).signIn(server.credentials.requester)
    await visitor.page.keyboard.press('g')
    await visitor.page.keyboard.press('r')
    await visitor.page.getByRole('heading', { level: 1, name: 'Threats' }).waitFor()
  })
  afterAll(() => close?.())

  const threat = (kind: string) => visitor.page.getByRole('listitem').filter({ hasText: kind })

  it('lists what was raised, moves it on, and narrows by state', async () => {
    const { page } = visitor
    await threat('sql injection').getByText('critical').waitFor()
    await threat('path traversal').getByText('pending').waitFor()
    await page.getByRole('button', { name: 'Acknowledge sql_injection' }).click()
    await threat('sql injection').getByText('acknowledged').first().waitFor()
    await page.getByRole('button', { name: 'Resolve sql_injection' }).click()
    await threat('sql injection').getByText('resolved').first().waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Dismiss sql_injection' }).count()).toBe(0)
    await page.getByRole('radio', { name: 'pending' }).check({ force: true })
    await page.waitForURL(/state=pending/)
    await threat('path traversal').waitFor()
    expect(await threat('sql injection').count()).toBe(0)
    await threat('path traversal').getByRole('link', { name: 'Trace' }).click()
    await page.getByText('What the policies saw').waitFor()
    await page.goBack()
  })

  it('tells the life of a threat, by keyboard, in its address', async () => {
    const { page } = visitor
    await page.goto('/threats')
    const link = threat('sql injection').getByRole('link', { name: 'Timeline of sql_injection' })
    await link.focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/[?&]id=/)
    const steps = page.getByRole('list', { name: 'Timeline' }).getByRole('listitem')
    await expect.poll(() => steps.count()).toBe(3)
    const told = await steps.allInnerTexts()
    expect(told.map((step) => /seen in trace|acknowledged by|resolved by/.exec(step)?.[0])).toEqual([
      'seen in trace',
      'acknowledged by',
      'resolved by',
    ])
    await page.reload()
    await expect.poll(() => steps.count()).toBe(3)
    for (const dark of [false, true]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      expect(await axeFindings(page)).toEqual([])
    }
    await page.getByRole('button', { name: 'Close the timeline' }).click()
    await expect.poll(() => steps.count()).toBe(0)
    await page.goto('/threats?id=nothing')
    await page.getByText('Could not load this threat').waitFor()
    await page.goto('/threats')
  })

  it('plants a honey token, shows its value this once, tells when it is touched, and retires it', async () => {
    const { page } = visitor
    await page.getByText('None is planted.').waitFor()
    await page.getByLabel('Where it is planted').fill('the wiki')
    await page.getByLabel('Begins with').fill('sk_live_')
    await page.getByLabel('When touched').selectOption('log')
    await page.getByLabel('When touched').press('Tab')
    await page.keyboard.press('Enter')
    const shown = page.locator('[data-value]')
    await shown.waitFor()
    const value = await shown.innerText()
    expect(value).toMatch(/^sk_live_[a-z0-9]{32}$/)
    for (const dark of [false, true]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      expect(await axeFindings(page)).toEqual([])
    }
    await page.emulateMedia({ colorScheme: 'light' })
    const agent = await server.agentOf('thief')
    await agent.client.calls.decide({ body: { action: 'look_up', input: { text: `key ${value}` } } })
    await page.reload()
    const tokens = page.getByRole('list', { name: 'Honey tokens' })
    await tokens.getByText('touched once').waitFor()
    expect(await page.content()).not.toContain(value)
    await threat('honey token').getByText('medium').waitFor()
    await tokens.getByRole('button', { name: 'Retire the wiki' }).click()
    await tokens.getByText('retired').waitFor()
  })

  it('shows what entered the sessions of an agent, and trusts them again by keyboard', async () => {
    const { page } = visitor
    const agent = await server.agentOf('reader')
    const { id, call } = await agent.client.calls.decide({ body: { action: 'look_up', input: { text: 'all' }, session_id: 'monday' } })
    await agent.client.calls.outcome({ params: { id }, body: { status: 'succeeded', output: 'a page' } })
    await page.getByLabel('Agent or person').fill(call.principal.id)
    await page.getByLabel('Agent or person').press('Enter')
    const sessions = page.getByRole('list', { name: 'Tainted sessions' })
    await sessions.getByText('monday').waitFor()
    await sessions.getByText('untrusted').waitFor()
    for (const dark of [false, true]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      expect(await axeFindings(page)).toEqual([])
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await sessions.getByRole('button', { name: 'Trust again: monday' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Nothing has entered its sessions.').waitFor()
  })

  it('blocks a network for some hours, says what is wrong, and answers it again', async () => {
    const { page } = visitor
    await page.getByText('Nothing is blocked.').waitFor()
    await page.getByLabel('Address or principal').fill('203.0.113.9')
    await page.getByLabel('Hours').fill('2')
    await page.getByRole('button', { name: 'Block', exact: true }).click()
    const list = page.getByRole('list', { name: 'Blocked' })
    await list.getByText('203.0.113.9').waitFor()
    await page.getByLabel('Address or principal').fill('127.0.0.1')
    await page.getByRole('button', { name: 'Block', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: /^Unblock 203\.0\.113\.9/ }).click()
    await page.getByText('Nothing is blocked.').waitFor()
    expect(visitor.complaints).toEqual([])
  })
})
