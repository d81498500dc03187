import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../server/src/test-server.ts'
import { axeFindings, builtDashboard, describeInBrowser, openBrowser, type Visitor, visit } from './browser.ts'
import { type Console, consoleOf, reads } from './console.ts'

describeInBrowser('the main job in a browser', () => {
  let server: TestServer
  let browser: Browser
  let dashboard: string
  let visitor: Visitor
  let desk: Console
  beforeAll(async () => {
    ;[dashboard, browser] = await Promise.all([builtDashboard(), openBrowser()])
    server = await startTestServer({ dashboard })
    visitor = await visit(browser, server.url)
    desk = consoleOf(visitor.page)
    await desk.signIn(server.credentials.requester)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })
  beforeEach(async () => {
    // A minute goes by, so that no test meets the limit of another.
    server.pass(60_000)
    await desk.playground()
  })
  afterEach(() => expect(visitor.complaints.splice(0)).toEqual([]))

  const scenario = (name: string) => visitor.page.getByRole('button', { name }).first().click()

  /** The trace and the certificate of what is inspected, each on its own page, and the certificate verified in the browser. */
  async function leavesEvidence(verdict: 'allowed' | 'refused', raw?: string) {
    const { page } = visitor
    const back = page.url()
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('link', { name: 'Trace' }).click()
    await page.getByRole('heading', { name: 'Controls' }).waitFor()
    await page.getByText(verdict, { exact: true }).first().waitFor()
    if (raw) expect(await page.locator('body').innerText()).not.toContain(raw)
    await page.getByRole('link', { name: 'Certificate' }).click()
    const keys = await (await fetch(`${server.url}/.well-known/agentgate-keys.json`)).text()
    await page.getByLabel('The key you trust').fill(keys)
    await page.getByRole('button', { name: 'Verify this certificate' }).click()
    await page.locator('[data-result="valid"]').waitFor()
    expect(await page.locator('[data-check][data-ok="false"]').count()).toBe(0)
    expect(await page.locator('[data-check]').count()).toBeGreaterThan(10)
    await page.goto(back)
  }

  it('gives the model a token for a social security number, and the person the number back', async () => {
    await scenario('SSN')
    await desk.step('user', 'succeeded').waitFor()
    await reads(desk.part('sent'), /^My SSN is <SSN_1>$/m)
    await reads(desk.part('answer'), 'I received: My SSN is 123-45-6789')
    await leavesEvidence('allowed', '123-45-6789')
  })

  it('keeps a mail address behind the same token throughout a session', async () => {
    await scenario('Email')
    await desk.step('user', 'succeeded').waitFor()
    await reads(desk.part('sent'), 'Email: <EMAIL_1>')
    await desk.say('Write to other@company.com and to ceo@company.com')
    await reads(desk.part('sent'), 'Write to <EMAIL_2> and to <EMAIL_1>')
    await reads(desk.part('answer'), 'ceo@company.com')
    await leavesEvidence('allowed', 'ceo@company.com')
  })

  it('tokenises a card number only where its checksum holds', async () => {
    await scenario('Card')
    await desk.step('user', 'succeeded').waitFor()
    await reads(desk.part('sent'), 'Card: <CREDIT_CARD_1>')
    await desk.say('Card: 4111-1111-1111-1112')
    await reads(desk.part('sent'), /4111-1111-1111-1112|<(?!CREDIT_CARD)/)
    expect(await desk.part('sent').innerText()).not.toContain('CREDIT_CARD')
  })

  it.each([
    ['SQL injection', "'; DROP TABLE users; --", 'sql_injection'],
    ['Shell injection', 'rm -rf / --no-preserve-root', 'shell_injection'],
    ['Script', '<script>alert(document.cookie)</script>', 'xss'],
  ])('refuses %s before the model sees it, and shows it inert', async (name, text, kind) => {
    await scenario(name)
    const refused = desk.step('user', 'refused')
    await refused.waitFor()
    await reads(refused, `threat-found · ${kind}`)
    expect(await refused.innerText()).toContain(text)
    expect(await refused.locator('script').count()).toBe(0)
    await reads(desk.part('sent'), 'Nothing. It never left.')
    await reads(desk.part('findings'), 'refused')
    await leavesEvidence('refused')
  })

  it('lets twenty messages pass in a minute, refuses the next with the time to wait, and passes again then', {
    timeout: 120_000,
  }, async () => {
    const own = await startTestServer({ dashboard })
    const { page, context, complaints } = await visit(browser, own.url)
    const there = consoleOf(page)
    await there.signIn(own.credentials.requester)
    await there.playground()
    await page.getByRole('button', { name: '21 messages' }).click()
    const refused = there.step('user', 'refused')
    await refused.waitFor({ timeout: 60_000 })
    expect(await page.locator('[data-step="user"][data-status="succeeded"]').count()).toBe(20)
    await reads(refused, /rate-exceeded[^]*Passes again in (0:[1-5]\d|1:00)/)
    expect(await axeFindings(page)).toEqual([])
    await there.say('Still too early')
    await reads(there.step('user', 'refused'), 'rate-exceeded')
    own.pass(60_000)
    await there.say('Now it is late enough')
    await there.step('user', 'succeeded').getByText('I received: Now it is late enough').waitFor()
    expect(complaints).toEqual([])
    await context.close()
    await own.stop()
  })

  it('lets an innocent sentence pass untouched', async () => {
    await scenario('Ordinary prose')
    await desk.step('user', 'succeeded').waitFor()
    await reads(desk.part('sent'), 'our union meets at 5 # room 12 | bring type O -- thanks')
    await leavesEvidence('allowed')
  })

  const executed = async () => {
    const { client } = await server.signIn('requester')
    return (await client.evidence.audit({ query: { type: 'tool.executed', limit: 200 } })).items.length
  }

  async function decidedBySomebodyElse(answer: 'Approve' | 'Deny', reason: string) {
    const other = await visit(browser, server.url)
    const theirs = consoleOf(other.page)
    await theirs.signIn(server.credentials.approver)
    await other.page.getByRole('link', { name: /^Approvals/ }).click()
    await other.page.getByRole('group', { name: 'Masked input' }).getByText('<SSN_1>').waitFor()
    expect(await other.page.locator('body').innerText()).not.toContain('123-45-6789')
    await other.page.getByRole('button', { name: `${answer}…` }).click()
    await other.page.getByLabel(/Why it may/).fill(reason)
    await other.page.getByRole('button', { name: new RegExp(`^${answer}:`) }).click()
    await other.page.getByText('Nothing waits for a person').waitFor()
    expect(other.complaints).toEqual([])
    await other.context.close()
  }

  it('holds a deletion for somebody else, runs it once when approved, and goes on with the chat by itself', {
    timeout: 120_000,
  }, async () => {
    const before = await executed()
    await scenario('Delete a user')
    const held = desk.step('tool', 'waiting')
    await held.waitFor()
    await reads(held, 'Waits for a person')
    expect(await executed()).toBe(before)

    await held.getByRole('link', { name: 'See the request' }).click()
    await visitor.page.getByText('You asked for this call yourself: somebody else must decide it.').waitFor()
    expect(await visitor.page.getByRole('button', { name: 'Approve…' }).isDisabled()).toBe(true)
    await visitor.page.goBack()

    await decidedBySomebodyElse('Approve', 'Agreed with support')
    await desk.step('tool', 'succeeded').waitFor()
    await desk
      .step('continuation', 'succeeded')
      .getByText(/answered/)
      .waitFor()
    expect(await executed()).toBe(before + 1)
    await leavesEvidence('allowed', '123-45-6789')
  })

  it('never runs a deletion that was denied, and the chat says so', { timeout: 120_000 }, async () => {
    const before = await executed()
    await scenario('Delete a user')
    await desk.step('tool', 'waiting').waitFor()
    await decidedBySomebodyElse('Deny', 'Not this one')
    const refused = desk.step('tool', 'refused')
    await refused.waitFor()
    await reads(refused, 'approval-denied')
    await desk
      .step('continuation', 'succeeded')
      .getByText(/did not run/)
      .waitFor()
    expect(await executed()).toBe(before)
  })
})
