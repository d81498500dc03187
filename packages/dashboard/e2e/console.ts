import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** What the tests do on the console, in the words of a person. */
export interface Console {
  readonly page: Page
  readonly signIn: (user: { readonly email: string; readonly password: string }) => Promise<void>
  /** Opens a new conversation. */
  readonly playground: () => Promise<void>
  readonly say: (text: string) => Promise<void>
  /** The last step of a role, once it has the status. */
  readonly step: (role: 'user' | 'tool' | 'continuation', status: string) => Locator
  /** A part of the inspector: what left, what came back, what was found. */
  readonly part: (name: 'sent' | 'answer' | 'findings') => Locator
}

export function consoleOf(page: Page): Console {
  return {
    page,
    async signIn({ email, password }) {
      await page.goto('/sign-in')
      await page.getByLabel('Email').fill(email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    },
    async playground() {
      await page.goto('/playground')
      await page.getByRole('heading', { name: 'Send something that should not get through' }).waitFor()
    },
    async say(text) {
      await page.getByLabel('Message', { exact: true }).fill(text)
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.locator('[data-step="user"]').last().getByText(text, { exact: true }).first().waitFor()
    },
    step: (role, status) => page.locator(`[data-step="${role}"][data-status="${status}"]`).last(),
    part: (name) => page.locator(`[data-part="${name}"]`),
  }
}

/** Waits until the text of a part is what it should be. */
export async function reads(part: Locator, text: string | RegExp): Promise<void> {
  await expect
    .poll(async () => (await part.allInnerTexts()).join('\n'), { timeout: 10_000 })
    .toMatch(typeof text === 'string' ? literal(text) : text)
}

function literal(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
}
