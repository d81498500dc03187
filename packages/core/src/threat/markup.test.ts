import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainTag, tagAt } from './markup.ts'
import { stepsWithin } from './steps.ts'

const words = (text: string) => fc.constantFrom(...text.split(' '))
const name = words(
  'p div a img x item my-tag svg.x script iframe meta link xml style math svg ns:script entity attlist object vmlframe form input',
)
const attribute = words(
  'id class lang href src srcdoc style onclick onload on data-x formaction action xmlns xmlns:ev xlink:href dynsrc lowsrc pattern datafld allowscriptaccess x-onclick xonclick title implementation',
)
const value = fc.oneof(
  words('1 x /a/b.html javascript:alert(1) data:text/html,x expression(1) scriptlet 10% #top a,b'),
  fc.string({ unit: fc.constantFrom(..."ab1 .,#%/+-:;(){}=&'`<>\t\n\\"), maxLength: 12 }),
)
const pair = fc.tuple(words('_ __ / \n'), attribute, words('= _=_ ='), words('" \' ¦'), value).map((parts) => {
  const [before, attributeName, sign, quote, text] = parts.map((part) => part.replaceAll('_', ' ')) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const mark = quote === '¦' ? '' : quote
  return `${before}${attributeName}${sign}${mark}${text}${mark}`
})
const tag = fc
  .tuple(words('< </ <_'), name, fc.array(pair, { maxLength: 4 }), words('> /> _> ¦'))
  .map(([open, of, pairs, close]) => `${open.replace('_', ' ')}${of}${pairs.join('')}${close.replace('_', ' ').replace('¦', '')}`)

describe('a plain tag', () => {
  it('is one in which a closer look finds nothing', () => {
    let plain = 0
    fc.assert(
      fc.property(tag, fc.constantFrom('', ' text', '"', '>'), (text, behind) => {
        if (!isPlainTag(text + behind, 0)) return
        plain++
        expect(tagAt(text + behind, 0, stepsWithin()), text).toBeUndefined()
      }),
      { numRuns: 20_000 },
    )
    expect(plain).toBeGreaterThan(500)
  })

  it('is most of what documents and data are made of', () => {
    for (const text of [
      '<p>',
      '</p>',
      '<br/>',
      '<item id="7">',
      '<a href="/shop/items" title="Items, 10% off">',
      '<td class="x y" colspan="2" />',
    ])
      expect(isPlainTag(`some ${text} more`, 5), text).toBe(true)
    for (const text of [
      '<p',
      '<script>',
      '<img src="/a.js">',
      '<p onclick="a">',
      '<a href="javascript:a">',
      '<p a=1>',
      '<iframe id="1">',
      '<svg.script>',
    ])
      expect(isPlainTag(`some ${text} more`, 5), text).toBe(false)
  })
})
