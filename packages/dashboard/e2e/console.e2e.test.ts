import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestServer } from '../../server/src/test-server.ts'
import { axeFindings, describeInBrowser, opened, type Opened, visit } from './browser.ts'
import { consoleOf, reads } from './console.ts'

describeInBrowser('the console in a browser', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
  })
  afterAll(() => close?.())

  async function signedIn(name: 'requester' | 'approver' = 'requester', options: { dark?: boolean } = {}) {
    const visitor = await visit(browser, server.url, options)
    const desk = consoleOf(visitor.page)
    await desk.signIn(server.credentials[name])
    return { ...visitor, desk }
  }

  it('says one thing for every wrong sign-in, and lets nobody in', async () => {
    const { page, context, complaints } = await visit(browser, server.url)
    await page.goto('/traces?verdict=deny')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    for (const email of [server.credentials.requester.email, 'nobody@example.com']) {
      await page.getByLabel('Email').fill(email)
      await page.getByLabel('Password').fill('not the password')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').getByText('The email or the password is wrong.').waitFor()
    }
    expect(await axeFindings(page)).toEqual([])
    await page.getByLabel('Email').fill(server.credentials.requester.email)
    await page.getByLabel('Password').fill(server.credentials.requester.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Traces' }).waitFor()
    expect(page.url()).toContain('verdict=deny')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('renews a session quietly, and when it is over asks to sign in and goes on where one was', async () => {
    const { page, context, desk } = await signedIn()
    await page.goto('/evidence')
    await page.getByRole('heading', { level: 1, name: 'Evidence' }).waitFor()
    server.pass(16 * 60_000)
    await page.goto('/approvals')
    await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor()

    await context.clearCookies()
    await page.getByRole('link', { name: 'Traces' }).click()
    await page.getByText('Your session ended.').waitFor()
    expect(await page.locator('table, [role=table]').count()).toBe(0)
    await page.getByLabel('Email').fill(server.credentials.requester.email)
    await page.getByLabel('Password').fill(server.credentials.requester.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'Sign in' }).waitFor()
    expect(desk.page.url()).not.toContain('sign-in')

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.goto('/dashboard')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await context.close()
  })

  it('is operated by keyboard alone', async () => {
    const { page, context, complaints } = await signedIn()
    const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await heading('Playground')
    await page.keyboard.press('/')
    await page.keyboard.type('By keyboard')
    await page.keyboard.press('Enter')
    await page.getByText('I received: By keyboard').first().waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await heading('Traces')
    await page.locator('[data-row="0"]').waitFor()
    await page.keyboard.press('j')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe('0')
    const outline = () => page.evaluate(() => (document.activeElement ? getComputedStyle(document.activeElement, '::after').outline : ''))
    await expect.poll(outline).toMatch(/solid 2px|2px solid/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Controls' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Find a page').waitFor()
    await page.keyboard.type('evid')
    await page.keyboard.press('Enter')
    await heading('Evidence')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
    await context.close()
  })

  it('keeps the appearance that was chosen, before the first paint of the next visit', async () => {
    const { page, context } = await signedIn()
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByTitle('Dark', { exact: true }).click()
    await expect.poll(ground).not.toBe(light)
    const dark = await ground()
    await page.reload()
    expect(await ground()).toBe(dark)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.getByTitle('As the system').click()
    await expect.poll(ground).toBe(light)
    await context.close()
  })

  it('shows what was planted as personal data to its owner alone, and keeps it nowhere', async () => {
    const canary = '536-90-4399'
    const { page, context, desk } = await signedIn()
    const bodies: { url: string; body: string }[] = []
    page.on('response', (response) => {
      if (!response.headers()['content-type']?.includes('json')) return
      response.text().then(
        (body) => bodies.push({ url: new URL(response.url()).pathname, body }),
        () => undefined,
      )
    })
    await desk.playground()
    await desk.say(`My SSN is ${canary}`)
    await reads(desk.part('sent'), 'My SSN is <SSN_1>')
    await reads(desk.part('answer'), canary)
    for (const path of ['/traces', '/evidence', '/approvals', '/dashboard']) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page
        .getByText('Live', { exact: true })
        .or(page.getByText('Signed by'))
        .or(page.getByRole('columnheader', { name: 'Entry' }))
        .first()
        .waitFor()
      expect(await page.content()).not.toContain(canary)
    }
    await page.goto('/traces')
    await page.locator('[data-row="0"]').click()
    await page.getByRole('heading', { name: 'Controls' }).waitFor()
    expect(await page.content()).not.toContain(canary)
    const kept = await page.evaluate(async () =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys()]),
    )
    expect(kept).not.toContain(canary)
    expect(bodies.filter(({ body }) => body.includes(canary)).map(({ url }) => url.replace(/sessions\/.*/, 'sessions'))).toSatisfy(
      (urls: string[]) => urls.every((url) => url.startsWith('/api/playground/')),
    )
    expect(bodies.length).toBeGreaterThan(8)

    const other = await signedIn('approver')
    await other.page.goto(new URL(page.url()).pathname)
    await other.page.getByRole('heading', { name: 'Controls' }).waitFor()
    expect(await other.page.content()).not.toContain(canary)
    await other.context.close()
    await context.close()
  })

  it('brings new calls into the list as they are decided, holds still while paused, and catches up', async () => {
    const { page, context } = await signedIn()
    const { client } = await server.signIn('requester')
    const chat = (text: string) => client.playground.chat({ body: { session_id: 'tail', text } })
    await page.goto('/traces')
    await page.getByText('Live', { exact: true }).waitFor()
    const first = () => page.locator('[data-row="0"]').getAttribute('href')
    await chat('one')
    await page.locator('[data-row="0"]').waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    const before = await first()
    await chat('two')
    await chat('three')
    await page.getByRole('button', { name: '2 new' }).waitFor()
    expect(await first()).toBe(before)
    await page.getByRole('button', { name: '2 new' }).click()
    await expect.poll(first).not.toBe(before)
    expect(await page.getByRole('button', { name: /new$/ }).count()).toBe(0)
    await context.close()
  })

  it('tells denied, failed, empty and filtered apart', async () => {
    const { page, context } = await signedIn()
    const state = () => page.locator('[data-state]').first().getAttribute('data-state')
    const answer = (status: number, body: object) =>
      page.route(/\/api\/traces\?/, (route) =>
        route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify(body) }),
      )
    const problem = { title: 'x', detail: 'Because.', instance: 'r-1' }

    await page.goto('/traces?status=cut')
    await page.getByText('No traces match these filters').waitFor()
    expect(await state()).toBe('filtered')

    await answer(403, { ...problem, status: 403, type: 'not-permitted' })
    await page.goto('/traces')
    await page.getByText('You may not see traces').waitFor()
    expect(await state()).toBe('denied')

    await page.unroute(/\/api\/traces\?/)
    await answer(500, { ...problem, status: 500, type: 'internal' })
    await page.goto('/traces')
    await page.getByText('Could not load traces').waitFor({ timeout: 20_000 })
    expect(await state()).toBe('failed')
    expect(await page.getByText('r-1').count()).toBe(1)

    await page.unroute(/\/api\/traces\?/)
    await page.route(/\/api\/traces\?/, (route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"items":[]}' }))
    await page.goto('/traces')
    await page.getByText('No call has been governed yet').waitFor()
    expect(await state()).toBe('empty')
    await context.close()
  })

  it('lets an administrator of the demo see what a control in shadow would have refused', async () => {
    const { page, context, desk, complaints } = await signedIn()
    await desk.playground()
    await page.getByRole('checkbox', { name: 'threat' }).check()
    await desk.say("'; DROP TABLE users; --")
    await reads(desk.part('sent'), "'; DROP TABLE users; --")
    await reads(desk.part('findings'), /In shadow: would have been\s+refused/)
    expect(page.url()).toContain('shadow=threat')
    await page.getByRole('checkbox', { name: 'threat' }).uncheck()
    await desk.say("'; DROP TABLE users; --")
    await desk.step('user', 'refused').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('offers exactly what the person may do', async () => {
    const { page, context } = await signedIn('approver')
    await page.getByRole('link', { name: 'Approvals' }).waitFor()
    expect(await page.getByRole('link', { name: 'Playground' }).count()).toBe(0)
    await page.goto('/playground')
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
    await context.close()
  })

  it('of two who decide at once tells the second that the answer had no effect', async () => {
    const { client } = await server.signIn('requester')
    const held = await client.playground
      .chat({ body: { session_id: 'race', text: 'Delete user John Smith, SSN 123-45-6789, and export account history' } })
      .catch((error: unknown) => error)
    const id = (held as { body: { approval_id: string } }).body.approval_id
    const { page, context } = await signedIn('approver')
    await page.goto(`/approvals?id=${id}`)
    await page.getByRole('button', { name: 'Deny…' }).click()
    // This page's own line is cut, so that it cannot know better.
    await page.route(/\/api\/approvals\/(pending|stream|[^/]+$)/, (route) => route.abort())
    const other = await server.signIn('approver')
    await other.client.approvals.decide({ params: { id }, body: { approved: true, reason: '' } })
    await page.getByRole('button', { name: /^Deny:/ }).click()
    await page.getByRole('alert').getByText('Somebody else decided this first. Your answer had no effect.').waitFor()
    await context.close()
  })
})
