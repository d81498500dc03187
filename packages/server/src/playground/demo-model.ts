import type { Model } from './model.ts'

/** Answers on this machine and says exactly what it received, so that anyone can see what crossed the boundary. */
export const demoModel: Model = {
  provider: 'demo',
  name: 'built-in demo model',
  async answer(turns, tools) {
    const last = turns.at(-1)
    if (last?.role === 'tool') return { text: `\`${last.tool}\` answered: ${last.text}` }
    const text = last?.text ?? ''
    const wanted = /\b(?:delete|remove|erase)\b[^.!?]{0,40}\b(?:user|account|customer)\b/i.test(text)
    const tool = tools.find(({ name }) => name === 'delete_user')
    if (wanted && tool) return { text: `I received: ${text}`, wish: { tool: tool.name, input: { request: text } } }
    return { text: `I received: ${text}` }
  },
}
