import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestServer } from '../../server/src/test-server.ts'
import { axeFindings, describeInBrowser, opened, type Opened, visit } from './browser.ts'
import { consoleOf } from './console.ts'

describeInBrowser('axe', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  let pages: readonly (readonly [path: string, ready: string])[]
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
    const { client } = await server.signIn('requester')
    const chat = (text: string) => client.playground.chat({ body: { session_id: 'axe', text } }).catch((error: unknown) => error)
    const said = await client.playground.chat({ body: { session_id: 'axe', text: 'My SSN is 123-45-6789' } })
    for (const text of [
      "'; DROP TABLE users; --",
      'Delete user John Smith, SSN 123-45-6789, and export account history',
      'Email: ceo@company.com',
    ])
      await chat(text)
    const { items } = await client.traces.list({ query: {} })
    const refused = items.find(({ verdict }) => verdict === 'deny')?.id ?? ''
    const held = items.find(({ verdict }) => verdict === 'hold')?.id ?? ''
    pages = [
      ['/dashboard', 'Recent traces'],
      ['/playground', 'Send something that should not get through'],
      ['/playground?session=axe', 'Findings per control'],
      ['/traces', 'Decided in'],
      ['/traces?status=cut', 'No traces match these filters'],
      [`/traces/${said.trace_id}`, 'What the policies saw'],
      [`/traces/${refused}`, 'What the policies saw'],
      [`/traces/${held}`, 'What the policies saw'],
      ['/traces/no-such-trace', 'No such trace'],
      ['/approvals', 'Input, masked'],
      ['/approvals?show=decided', 'Decided'],
      ['/policies', 'Begin from a bundled set'],
      ['/policies?name=nothing', 'No policy sets match these filters'],
      ['/policies/default-guardrails', 'Valid, 5 policies'],
      ['/policies/default-guardrails?tab=versions', 'History'],
      ['/policies/no-such-set', 'No such policy set'],
      ['/evidence', 'Principal'],
      [`/evidence/${said.certificate_id}`, 'Predicates'],
      ['/evidence/no-such-certificate', 'No such certificate'],
      ['/threats', 'Nothing is blocked.'],
      ['/audit', 'Export a period'],
      ['/nowhere', 'There is no such page'],
    ]
  })
  afterAll(() => close?.())

  it.each(['light', 'dark'] as const)('finds nothing on any page, %s', { timeout: 240_000 }, async (theme) => {
    const { page, context, complaints } = await visit(browser, server.url, { dark: theme === 'dark' })
    await page.goto('/sign-in?why=ended')
    await page.getByText('Your session ended.').waitFor()
    expect({ path: '/sign-in', found: await axeFindings(page) }).toEqual({ path: '/sign-in', found: [] })
    await consoleOf(page).signIn(server.credentials.requester)
    for (const [path, ready] of pages) {
      await page.goto(path)
      await page.getByText(ready, { exact: true }).first().waitFor()
      expect({ path, found: await axeFindings(page) }).toEqual({ path, found: [] })
    }
    for (const keys of ['Control+k', '?']) {
      await page.goto('/dashboard')
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
      await page.keyboard.press(keys)
      await page.getByRole('dialog').waitFor()
      expect({ keys, found: await axeFindings(page) }).toEqual({ keys, found: [] })
    }
    await page.goto(pages.find(([, ready]) => ready === 'Predicates')?.[0] ?? '')
    await page.getByRole('button', { name: 'Verify this certificate' }).click()
    await page.locator('[data-result]').waitFor()
    expect(await axeFindings(page)).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('scrolls no page sideways where it is 390 pixels wide', { timeout: 120_000 }, async () => {
    const { page, context } = await visit(browser, server.url)
    await page.setViewportSize({ width: 390, height: 844 })
    const found: unknown[] = []
    const look = async (path: string) => {
      const { by, what } = await beyond(page)
      if (by > 0) found.push({ path, by, what })
    }
    await page.goto('/sign-in')
    await look('/sign-in')
    await consoleOf(page).signIn(server.credentials.requester)
    for (const [path, ready] of [...pages, ...narrow]) {
      await page.goto(path)
      await page.getByText(ready, { exact: true }).first().waitFor({ state: 'attached' })
      await look(path)
    }
    expect(found).toEqual([])
    await context.close()
  })
})

const narrow: readonly (readonly [path: string, ready: string])[] = [
  ['/policies/default-guardrails?file=invariants', 'Invariants'],
  ['/policies/default-guardrails?tab=evaluate', 'Evaluate'],
  ['/policies/default-guardrails?tab=analysis', 'Analysis'],
  ['/policies/default-guardrails?tab=replay', 'Replay'],
  ['/policies/default-guardrails?do=deactivate', 'Newly allowed'],
  ['/policies?begin=payments', 'Its text'],
  ['/policies?load=files', 'Import policies'],
]

/** How far the page can be scrolled sideways, and what stands out. */
async function beyond(page: Page): Promise<{ readonly by: number; readonly what: readonly string[] }> {
  return page.evaluate<{ by: number; what: string[] }>(`(() => {
    const root = document.documentElement
    const by = root.scrollWidth - root.clientWidth
    if (by === 0) return { by, what: [] }
    const clipped = (each) => each !== null && each !== root && (getComputedStyle(each).overflowX !== 'visible' || clipped(each.parentElement))
    const out = [...document.body.querySelectorAll('*')].filter(
      (each) => each.getBoundingClientRect().right > root.clientWidth + 0.5 && !clipped(each.parentElement),
    )
    return { by, what: out.slice(0, 6).map((each) => each.tagName + '.' + String(each.className).slice(0, 60)) }
  })()`)
}
