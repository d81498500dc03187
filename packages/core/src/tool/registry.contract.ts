import { describe, expect, it } from 'vitest'
import type { TenantId } from '../call.ts'
import type { RegisteredTool, Tools } from './registry.ts'

const acme = 'acme' as TenantId
const other = 'other' as TenantId

const tool = (name: string, digest = '0'): RegisteredTool => ({
  declaration: {
    name,
    description: "Ünïcode, and a quote: '",
    input: { type: 'object', properties: { to: { type: 'string' } }, additionalProperties: false },
    effect: 'send',
    arguments: { to: 'prose' },
    boundary: 'external',
    cost: 5,
    approval: true,
  },
  facts: { name, digest, effect: 'send', boundary: 'external', arguments: { to: 'prose' }, cost: 5, approval: true },
  quarantined: false,
})

/** What every registry of tools must do. `make` answers an empty one. */
export function toolsContract(name: string, make: () => Promise<Tools> | Tools): void {
  describe(`tools: ${name}`, () => {
    it('finds what was registered, whole', async () => {
      const tools = await make()
      expect(await tools.find(acme, 'mail')).toBeUndefined()
      await tools.put(acme, tool('mail'))
      expect(await tools.find(acme, 'mail')).toEqual(tool('mail'))
      expect(await tools.find(acme, 'Mail')).toBeUndefined()
      expect(await tools.find(acme, '__proto__')).toBeUndefined()
    })

    it('replaces the registration of the same name', async () => {
      const tools = await make()
      await tools.put(acme, tool('mail'))
      const changed = { ...tool('mail', '1'), quarantined: true }
      await tools.put(acme, changed)
      expect(await tools.find(acme, 'mail')).toEqual(changed)
      expect(await tools.list(acme)).toEqual([changed])
    })

    it('lists by name', async () => {
      const tools = await make()
      for (const each of ['b', 'a', 'B', 'c']) await tools.put(acme, tool(each))
      expect((await tools.list(acme)).map(({ declaration }) => declaration.name)).toEqual(['B', 'a', 'b', 'c'])
    })

    it('removes once', async () => {
      const tools = await make()
      await tools.put(acme, tool('mail'))
      expect(await tools.remove(acme, 'mail')).toBe(true)
      expect(await tools.remove(acme, 'mail')).toBe(false)
      expect(await tools.find(acme, 'mail')).toBeUndefined()
      expect(await tools.list(acme)).toEqual([])
    })

    it('knows what a removed tool was, until one has its name again', async () => {
      const tools = await make()
      expect(await tools.former(acme, 'mail')).toBeUndefined()
      await tools.put(acme, tool('mail', '1'))
      expect(await tools.former(acme, 'mail')).toBeUndefined()
      await tools.remove(acme, 'mail')
      expect(await tools.former(acme, 'mail')).toBe('1')
      expect(await tools.former(other, 'mail')).toBeUndefined()
      await tools.put(acme, tool('mail', '2'))
      expect(await tools.former(acme, 'mail')).toBeUndefined()
      expect(await tools.find(acme, 'mail')).toEqual(tool('mail', '2'))
    })

    it('knows no digest that was never confirmed of a removed tool', async () => {
      const tools = await make()
      await tools.put(acme, { ...tool('mail', '2'), quarantined: true })
      await tools.remove(acme, 'mail')
      expect(await tools.former(acme, 'mail')).toBe('')
    })

    it('keeps tenants apart', async () => {
      const tools = await make()
      await tools.put(acme, tool('mail'))
      expect(await tools.find(other, 'mail')).toBeUndefined()
      expect(await tools.list(other)).toEqual([])
      expect(await tools.remove(other, 'mail')).toBe(false)
      expect(await tools.find(acme, 'mail')).toEqual(tool('mail'))
    })
  })
}
