import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestServer } from '../../server/src/test-server.ts'
import { axeFindings, describeInBrowser, opened, type Opened, visit } from './browser.ts'
import { consoleOf, reads } from './console.ts'

const quiet = `@id("chats")
permit (principal, action == Action::"chat", resource);

@id("nobody-chats")
forbid (principal, action == Action::"chat", resource);
`
const loud = `@id("chats")
permit (principal, action == Action::"chat", resource);
`

describeInBrowser('policies in a browser', () => {
  let server: TestServer
  let browser: Browser
  let close: Opened['close'] | undefined
  beforeAll(async () => {
    ;({ server, browser, close } = await opened())
  })
  afterAll(() => close?.())

  async function signedIn(options: { dark?: boolean } = {}) {
    const visitor = await visit(browser, server.url, options)
    await consoleOf(visitor.page).signIn(server.credentials.requester)
    return visitor
  }

  const editor = (page: Page, name = 'Cedar') => page.getByRole('textbox', { name, exact: true })
  const checked = (page: Page, state: string) => page.locator(`[data-checked="${state}"]`).waitFor()
  async function write(page: Page, text: string, name = 'Cedar') {
    await editor(page, name).click()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(text)
  }
  /** Opens the dialog of a change, says why, and does it. */
  async function change(page: Page, verb: string, why: string) {
    await page.getByRole('button', { name: `${verb}…` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill(why)
    return dialog
  }
  const state = (page: Page, word: string) => page.locator('h1').getByText(word, { exact: true }).waitFor()
  const gone = (page: Page) => page.getByRole('dialog').waitFor({ state: 'detached' })

  it('begin from a bundled set, and a broken line is marked where it is broken', async () => {
    const { page, context, complaints } = await signedIn()
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.getByRole('heading', { level: 1, name: 'Policies' }).waitFor()
    const row = page.getByRole('row').filter({ hasText: 'default-guardrails' })
    await row.getByText('active', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Begin from prod-write-guard' }).click()
    await page.getByRole('dialog', { name: 'New policy set' }).getByRole('button', { name: 'Save the draft' }).click()
    await page.getByRole('heading', { level: 1, name: 'prod-write-guard' }).waitFor()
    await state(page, 'draft')
    await checked(page, 'valid')

    await editor(page).click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.insertText('permit (principal, action, resource)\nwhen { context.nonsense == 7 };\n')
    await checked(page, 'wrong')
    const problem = page.getByRole('list', { name: 'Problems' }).getByRole('button').first()
    expect(await problem.innerText()).toContain('line 2:')
    const marked = page.locator('.cm-line', { has: page.locator('.cm-lintRange-error') })
    await expect.poll(() => marked.first().innerText()).toContain('nonsense')
    expect(await page.locator('.cm-lint-marker-error').count()).toBeGreaterThan(0)
    await page.keyboard.press('Escape')
    await problem.click()
    await expect.poll(() => page.locator('.cm-activeLineGutter').allInnerTexts()).toContain('2')
    await expect(page.getByRole('button', { name: 'Publish…' }).isDisabled()).resolves.toBe(true)

    await page.keyboard.press('Control+a')
    await page.keyboard.insertText('@id("half") forbid (principal, action, resource)\nwhen { context.resource like "/prod/*" };\n')
    await checked(page, 'valid')
    await page.getByText('Valid, 1 policy, 1 warning').waitFor()
    const warning = page.getByRole('list', { name: 'Warnings' }).getByRole('button').first()
    expect(await warning.innerText()).toMatch(/line 2:.*[^]*\/prod/)

    await page.getByRole('link', { name: 'Traces' }).click()
    await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Stay' }).click()
    await page.getByRole('button', { name: 'Discard edits' }).click()
    await checked(page, 'valid')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('go live with what they do shown first, evaluate, lock, roll back and compare', { timeout: 180_000 }, async () => {
    const { page, context, complaints } = await signedIn()
    const { client } = await server.signIn('requester')
    await client.policies.putDraft({ params: { id: 'talk' }, body: { policy: { text: loud } } })

    await page.goto('/policies/talk')
    await checked(page, 'valid')
    let dialog = await change(page, 'Publish', 'the first')
    await dialog.getByText('becomes version 1').waitFor()
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await gone(page)
    await state(page, 'published')

    await page.getByRole('button', { name: 'Activate…' }).click()
    dialog = page.getByRole('dialog')
    await dialog.getByRole('list', { name: 'Policies that change' }).getByText('chats', { exact: true }).waitFor()
    await expect(dialog.getByRole('button', { name: 'Activate', exact: true }).isDisabled()).resolves.toBe(true)
    await dialog.getByLabel('Why').fill('people talk')
    await dialog.getByRole('button', { name: 'Activate', exact: true }).click()
    await gone(page)
    await state(page, 'active')

    await write(page, quiet)
    await checked(page, 'valid')
    await page.keyboard.press('Control+s')
    await page.getByText('Draft revision').first().waitFor()
    dialog = await change(page, 'Publish', 'too loud')
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
    await gone(page)
    await page.getByRole('button', { name: 'Activate version 2…' }).click()
    dialog = page.getByRole('dialog')
    await dialog.getByText('nobody-chats').first().waitFor()
    await dialog.getByLabel('Why').fill('silence')
    await dialog.getByRole('button', { name: 'Activate', exact: true }).click()
    await gone(page)
    await page.getByText('Version 2 of 2 decides calls now.').waitFor()

    await page.getByRole('link', { name: 'Evaluate' }).click()
    await page.getByLabel('Action').fill('chat')
    await page.getByRole('button', { name: 'Insert the input of chat' }).click()
    expect(await page.getByLabel('Facts').inputValue()).toContain('"text": ""')
    await page.getByRole('button', { name: 'Evaluate' }).click()
    await reads(page.locator('[data-part="decision"]'), /refused/)
    await reads(page.locator('[data-part="decision"]'), /nobody-chats/)
    expect(page.url()).toContain('action=chat')
    await page.reload()
    await reads(page.locator('[data-part="decision"]'), /refused/)
    await page.getByLabel('Judged by').selectOption('v1')
    await reads(page.locator('[data-part="decision"]'), /allowed/)

    dialog = await change(page, 'Lock', 'nobody touches it')
    await dialog.getByRole('button', { name: 'Lock', exact: true }).click()
    await gone(page)
    await state(page, 'locked')
    await page.getByRole('button', { name: 'Deactivate…' }).click()
    dialog = page.getByRole('dialog')
    await dialog.getByText('policy-locked').waitFor()
    await expect(dialog.getByRole('button', { name: 'Deactivate', exact: true }).isDisabled()).resolves.toBe(true)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await expect(client.policies.deactivate({ params: { id: 'talk' } })).rejects.toMatchObject({ status: 409, code: 'policy-locked' })

    dialog = await change(page, 'Unlock', 'a change is due')
    await dialog.getByRole('button', { name: 'Unlock', exact: true }).click()
    await dialog.getByLabel('Your password').fill('not the password')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').getByText('The password is wrong.').waitFor()
    await dialog.getByLabel('Your password').fill(server.credentials.requester.password)
    await page.keyboard.press('Enter')
    await gone(page)
    expect(await page.locator('h1').innerText()).not.toContain('locked')

    server.pass(6 * 60_000)
    dialog = await change(page, 'Roll back', 'talk again')
    await dialog.getByText('nobody-chats').first().waitFor()
    await dialog.getByText('your password is asked for').waitFor()
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click()
    await dialog.getByLabel('Your password').fill(server.credentials.requester.password)
    await dialog.getByRole('button', { name: 'Confirm and go on' }).click()
    await gone(page)
    await page.getByText('Version 1 of 2 decides calls now.').waitFor()

    await page.getByRole('link', { name: 'Versions' }).click()
    await page.getByRole('combobox', { name: 'From' }).selectOption('1')
    await page.getByRole('combobox', { name: 'To' }).selectOption('2')
    await page.locator('[data-line="added"]').getByText('nobody-chats').waitFor()
    expect(await page.locator('[data-line="removed"]').count()).toBe(0)
    await page.getByRole('button', { name: 'Ask the solver' }).click()
    await reads(page.locator('[data-part="calls"]'), /Newly denied/)
    const example = page.locator('[data-part="calls"]').locator('details')
    await example.locator('summary').getByText('chat', { exact: true }).click()
    await example.getByRole('link', { name: 'Evaluate this call' }).click()
    await reads(page.locator('[data-part="decision"]'), /refused\s+by version 2 alone/)
    await reads(page.locator('[data-part="decision"]'), /nobody-chats/)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('show quick rules as rules, with the Cedar that they become and the line of a wrong rule', async () => {
    const { page, context, complaints } = await signedIn()
    const { client } = await server.signIn('requester')
    const quick = { pre_rules: [{ type: 'permit', action: 'read', resource: '/api/*' }] }
    await client.policies.putDraft({ params: { id: 'quick' }, body: { policy: { quick } } })
    await page.goto('/policies/quick')
    await checked(page, 'valid')
    await reads(page.locator('[data-editor="Resulting Cedar"]').getByRole('textbox'), 'context.resource like "/api/*"')
    await write(page, '{\n  "pre_rules": [\n    { "type": "permitt", "action": "*" }\n  ]\n}', 'Quick rules')
    await checked(page, 'wrong')
    await reads(page.getByRole('list', { name: 'Problems' }), /line 3/)
    await write(page, '{\n  "pre_rules": [,]\n}', 'Quick rules')
    await reads(page.getByRole('list', { name: 'Problems' }), /line 2/)
    await page.getByRole('button', { name: 'Discard edits' }).click()
    await page.getByText('Conditioned rules').click()
    await page.getByRole('button', { name: 'Begin conditioned rules' }).click()
    await checked(page, 'valid')
    await page.getByRole('button', { name: 'Save draft' }).click()
    await page.getByText('Draft revision 2').waitFor()
    await page.getByText('Cedar', { exact: true }).click()
    await page.getByRole('button', { name: 'Go on in Cedar' }).click()
    await reads(editor(page), 'developers-read')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('tell which invariants hold, and replay recorded calls', { timeout: 120_000 }, async () => {
    const { page, context, complaints } = await signedIn()
    const { client } = await server.signIn('requester')
    await client.playground.chat({ body: { session_id: 'replay', text: 'hello there' } })
    await client.policies.create({
      body: {
        id: 'silent',
        policy: { text: '@id("silence")\nforbid (principal, action == Action::"chat", resource);\n' },
        invariants:
          '@invariant("nobody chats")\nforbid (principal, action == Action::"chat", resource);\n@invariant("everybody may chat")\npermit (principal, action == Action::"chat", resource);\n',
      },
    })
    await page.goto('/policies/silent?tab=analysis')
    const invariants = page.getByRole('list', { name: 'Invariants' })
    await reads(invariants, /nobody chats/)
    await reads(invariants, /holds|unknown/)
    await reads(invariants, /everybody may chat/)

    await page.getByRole('link', { name: 'Replay' }).click()
    await page.getByText('Nothing has been replayed').waitFor()
    await page.getByRole('button', { name: 'Replay' }).click()
    await reads(page.locator('[data-part="replay"]'), /Newly denied\s*[1-9]/)
    await page.getByRole('list', { name: 'Changed calls' }).getByRole('link', { name: 'chat' }).first().click()
    await page.getByRole('heading', { name: 'Controls' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('come from files: each mistake is shown at its line, and nothing is saved while there is one', async () => {
    const { page, context, complaints } = await signedIn()
    const { client } = await server.signIn('requester')
    const ours = async () =>
      (await client.policies.list({ query: {} })).items.flatMap(({ id, draft }) => (id.startsWith('filed') && draft ? [id] : []))
    const file = (name: string, text: string, encoding: BufferEncoding = 'utf8') => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(text, encoding),
    })
    const right = file('filed-a.cedar', loud)
    const invariants = file(
      'filed-a.invariants.cedar',
      '@invariant("nobody pays") forbid (principal, action in Action::"pay", resource) unless { context.mfa };\n',
    )
    await page.goto('/policies')
    await page.getByRole('row').filter({ hasText: 'default-guardrails' }).waitFor()
    await page.getByRole('button', { name: 'Import…' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Import policies' })
    const save = dialog.getByRole('button', { name: 'Save as drafts' })
    await expect.poll(() => page.evaluate<string>('document.activeElement?.type')).toBe('file')
    expect(await save.isDisabled()).toBe(true)

    const wrong = file('filed-b.cedar', 'permit (principal, action == Action::"chat", resource)\nwhen { context.nonsense == 7 };\n')
    const latin = file('filed-c.cedar', '// caf\xe9\n', 'latin1')
    await dialog.getByLabel('Files').setInputFiles([right, invariants, wrong, latin])
    await dialog.locator('[data-found="wrong"]').waitFor()
    const files = dialog.getByRole('list', { name: 'What they hold' })
    await reads(
      files.getByRole('listitem').filter({ hasText: 'filed-b.cedar' }),
      /line 2:8 .*nonsense[^]*when \{ context\.nonsense == 7 \};\n {7}\^/,
    )
    await reads(files.getByRole('listitem').filter({ hasText: 'filed-c.cedar' }), /line 1:7 .*UTF-8/)
    expect(await axeFindings(page)).toEqual([])
    expect(await save.isDisabled()).toBe(true)
    expect(await ours()).toEqual([])

    await dialog
      .getByLabel('Files')
      .setInputFiles([right, invariants, file('filed-d.json', '{"pre_rules":[{"type":"permit","action":"chat","resource":"*"}]}')])
    await dialog.locator('[data-found="fit"]').waitFor()
    await reads(files, 'new set filed-a, with invariants')
    await save.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('row').filter({ hasText: 'filed-d' }).waitFor()
    expect(await ours()).toEqual(['filed-a', 'filed-d'])
    expect((await client.policies.draft({ params: { id: 'filed-a' } })).invariants).toContain('nobody pays')

    await page.goto('/policies?load=files')
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
    await context.close()
  })

  it('tell empty from filtered, and no such set from a fault', async () => {
    const { page, context } = await signedIn()
    await page.goto('/policies?name=nothing-is-called-this')
    await page.getByText('No policy sets match these filters').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByRole('row').filter({ hasText: 'default-guardrails' }).waitFor()
    await page.goto('/policies/no-such-set')
    await page.getByText('No such policy set').waitFor()
    await page.route('**/api/policies', (asked) => asked.abort())
    await page.goto('/policies')
    await page.getByText('Could not load policies').waitFor()
    await context.close()
  })

  it('let nobody change them who may not', async () => {
    const { page, context } = await visit(browser, server.url)
    await consoleOf(page).signIn(server.credentials.approver)
    await page.goto('/policies')
    await page.getByRole('row').filter({ hasText: 'default-guardrails' }).waitFor()
    for (const name of ['New set…', 'Import…']) expect(await page.getByRole('button', { name }).isDisabled()).toBe(true)
    await page.goto('/policies/default-guardrails')
    await checked(page, 'valid')
    for (const name of ['Deactivate…', 'Lock…', 'Delete…', 'Save draft', 'Publish…'])
      expect([name, await page.getByRole('button', { name }).isDisabled()]).toEqual([name, true])
    await editor(page).click()
    await page.keyboard.insertText('typed')
    expect(await page.locator('.cm-content').first().innerText()).not.toContain('typed')
    await context.close()
  })

  it.each(['light', 'dark'] as const)('have nothing that axe finds, %s', { timeout: 180_000 }, async (theme) => {
    const { page, context, complaints } = await signedIn({ dark: theme === 'dark' })
    const at = async (path: string, ready: string) => {
      await page.goto(path)
      await page.getByText(ready).first().waitFor()
      expect({ path, found: await axeFindings(page) }).toEqual({ path, found: [] })
    }
    await at('/policies', 'Begin from a bundled set')
    await at('/policies?state=deleted', 'No policy sets match')
    await at('/policies?begin=payments', 'Its text')
    await at('/policies?load=files', 'Import policies')
    await page.goto('/policies/default-guardrails')
    await checked(page, 'valid')
    expect(await axeFindings(page)).toEqual([])
    await at('/policies/default-guardrails?file=invariants', 'What must hold of every call')
    await at('/policies/default-guardrails?form=quick', 'Cedar says more than rules can')
    await at('/policies/default-guardrails?tab=evaluate&who=User::a&roles=developer&action=read', 'Determined by')
    await at('/policies/default-guardrails?tab=versions', 'published versions never change')
    await at('/policies/talk?tab=versions&from=1&to=2', 'By line, as Cedar')
    await at('/policies/default-guardrails?tab=analysis', 'Policies that do nothing')
    await at('/policies/silent?tab=replay&calls=100', 'By agent')
    await at('/policies/talk?do=activate&to=2', 'Newly denied')
    await at('/policies/default-guardrails?do=deactivate', 'Newly allowed')
    await at('/policies/default-guardrails?do=lock', 'The set cannot be deleted')
    await at('/policies/no-such-set', 'No such policy set')
    expect(complaints).toEqual([])
    await context.close()
  })
})
