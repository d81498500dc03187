import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apart, createDetector, createSearch, type Detection, detect, maxText } from './detect.ts'
import { defaultKinds, patternKinds } from './kinds.ts'
import { recognizers } from './recognizers.ts'

const every = createDetector({ kinds: patternKinds })
const found = (text: string, detector = every) => detector(text).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`)

describe('what is found', () => {
  it.each([
    ['My SSN is 123-45-6789', 'SSN 123-45-6789'],
    ['page 3 123-45-6789', 'SSN 123-45-6789'],
    ['078.05.1123', 'SSN 078.05.1123'],
    ['my ssn: 123 45 6789.', 'SSN 123 45 6789'],
    ['social security number 123456789', 'SSN 123456789'],
    ['SSN123-45-6789', 'SSN 123-45-6789'],
    ['123--45--6789', 'SSN 123--45--6789'],
    ['911-53-1234', 'ITIN 911-53-1234'],
    ['tax id 911531234', 'ITIN 911531234'],
    ['4111-1111-1111-1111', 'CREDIT_CARD 4111-1111-1111-1111'],
    ['4111111111111111', 'CREDIT_CARD 4111111111111111'],
    ['card4111111111111111', 'CREDIT_CARD 4111111111111111'],
    ['of 16804434-ad80-4b72-bd55-0643df888e04-4111111111111111', 'CREDIT_CARD 4111111111111111'],
    ['3782 822463 10005', 'CREDIT_CARD 3782 822463 10005'],
    ['3056 930902 5904', 'CREDIT_CARD 3056 930902 5904'],
    ['2221000000000009', 'CREDIT_CARD 2221000000000009'],
    ['my card 4222222222222', 'CREDIT_CARD 4222222222222'],
    ['DE89 3704 0044 0532 0130 00 ok', 'IBAN DE89 3704 0044 0532 0130 00'],
    ['gb82west12345698765432', 'IBAN gb82west12345698765432'],
    ['routing number 121000358', 'ABA_ROUTING 121000358'],
    ['checking account 945456787654', 'US_BANK 945456787654'],
    ["mail John.O'Neil+x@mail.example.co.uk!", "EMAIL John.O'Neil+x@mail.example.co.uk"],
    ['to=ann@x.co&cc=1', 'EMAIL ann@x.co'],
    ['müller@bücher.de', 'EMAIL müller@bücher.de'],
    ['a@xn--d1acufc.xn--p1ai', 'EMAIL a@xn--d1acufc.xn--p1ai'],
    ['(555) 123-4567', 'PHONE (555) 123-4567'],
    ['+44 20 7946 0958', 'PHONE +44 20 7946 0958'],
    ['+1 (415) 555-0132 x12', 'PHONE +1 (415) 555-0132 x12'],
    ['call 5551231234', 'PHONE 5551231234'],
    ['01.84.17.61.18', 'PHONE 01.84.17.61.18'],
    ['001-846-853-9089x92556', 'PHONE 001-846-853-9089x92556'],
    ['from 192.168.1.101.', 'IP_ADDRESS 192.168.1.101'],
    ['fe80::1%eth0', 'IP_ADDRESS fe80::1%eth0'],
    ['::ffff:192.0.2.1', 'IP_ADDRESS ::ffff:192.0.2.1'],
    ['[2001:db8::8a2e:370:7334]:443', 'IP_ADDRESS 2001:db8::8a2e:370:7334'],
    ['loopback ::1', 'IP_ADDRESS ::1'],
    ['00:1A:2B:3C:4D:5E', 'MAC 00:1A:2B:3C:4D:5E'],
    ['AA-BB-CC-DD-EE-01', 'MAC AA-BB-CC-DD-EE-01'],
    ['aabb.ccdd.eef1', 'MAC aabb.ccdd.eef1'],
    ['passport number 223456789', 'PASSPORT 223456789'],
    ['my passport is A12803456', 'PASSPORT A12803456'],
    ["driver's license A125325867", 'DRIVERS_LICENSE A125325867'],
    ['driving licence MORGA753116SM9IJ', 'DRIVERS_LICENSE MORGA753116SM9IJ'],
    ["driver's license number is 2270-66-1551", 'DRIVERS_LICENSE 2270-66-1551'],
    ['DEA AB1234563', 'MEDICAL_LICENSE AB1234563'],
    ['medical license MD12345', 'MEDICAL_LICENSE MD12345'],
    ['NPI 1234567893', 'NPI 1234567893'],
    ['1234-567-893', 'NPI 1234-567-893'],
    ['NHS 943 476 5919', 'UK_NHS 943 476 5919'],
    ['nhs 9434765919', 'UK_NHS 9434765919'],
    ['NINO AB123456C', 'UK_NINO AB123456C'],
    ['AZ 12 34 56 A', 'UK_NINO AZ 12 34 56 A'],
    ['born 15th June 1991', 'DATE_OF_BIRTH 15th June 1991'],
    ['DOB: 02.12.1979', 'DATE_OF_BIRTH 02.12.1979'],
    ['Born on February 3rd, 2001.', 'DATE_OF_BIRTH February 3rd, 2001'],
    ['due 2024-06-05T09:15:30Z', 'DATE 2024-06-05T09:15:30Z'],
    ['aged 39', 'AGE 39'],
    ['a 42-year-old', 'AGE 42-year-old'],
    ['a thirty-five-year-old patient', 'AGE thirty-five-year-old'],
    ['he is one hundred years old', 'AGE one hundred years old'],
    ['3222-7162-7', 'ABA_ROUTING 3222-7162-7'],
    ['since 1984, all is well', 'DATE 1984'],
    ['see you on Sunday', 'DATE Sunday'],
    ['at 5586 Hverfisgata 31, Arnsdorf, Germany', 'ADDRESS 5586 Hverfisgata 31, Arnsdorf, Germany'],
    ['56 rue La Boétie', 'ADDRESS 56 rue La Boétie'],
    ['ship to 35 Herrería 6', 'ADDRESS 35 Herrería 6'],
    ['at the corner of Mill Road and Abbey Lane', 'ADDRESS the corner of Mill Road and Abbey Lane'],
    ['USNS Hope\nFPO AA 85844', 'ADDRESS USNS Hope\nFPO AA 85844'],
    ['at 1000 Main Street, ok', 'ADDRESS 1000 Main Street'],
    ['lives at Eskelundsvej 15', 'ADDRESS Eskelundsvej 15'],
    ['Rue Joseph Vernet 80', 'ADDRESS Rue Joseph Vernet 80'],
    ['Erzsébet tér 19', 'ADDRESS Erzsébet tér 19'],
    ['P.O. Box 46', 'ADDRESS P.O. Box 46'],
    ['home: 92597 Jahu 80', 'ADDRESS 92597 Jahu 80'],
    ['PSC 6293, Box 8158', 'ADDRESS PSC 6293, Box 8158'],
    ['NY 10029', 'ZIP 10029'],
    ['SW1A 1AA', 'ZIP SW1A 1AA'],
    ['zip: 3520', 'ZIP 3520'],
    ['see https://example.com/a?b=c.', 'URL https://example.com/a?b=c'],
    ['www.example.com/x', 'URL www.example.com/x'],
    ['bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq', 'CRYPTO bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq'],
    ['3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', 'CRYPTO 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy'],
    ['0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe', 'CRYPTO 0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe'],
  ])('%j holds %s', (text, expected) => {
    expect(found(text)).toEqual([expected])
  })

  it.each([
    ['OpenAI', `sk-proj-${'Ab3dE6gH9jK2mN5p'.repeat(3)}`],
    ['Anthropic', `sk-ant-api03-${'Ab3dE6gH9jK2mN5p'.repeat(4)}`],
    ['GitHub', `ghp_${'Ab3dE6gH9jK2mN5pQr'.repeat(2)}`],
    ['AWS', 'AKIAIOSFODNN7EXAMPLE'],
    ['Slack', 'xoxb-263594206564-2343594206574-FGqddMF8t08v8N7Oq4i57vs1'],
    ['Stripe', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
    ['Google', 'AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY'],
    ['JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
    ['Telegram', '110201543:AAHdqTcvCH1vGWJxfSe1ofSAs0K5PALDsaw'],
    ['Azure AD', 'q7U8Q~1abcdEFGHijklMNOpqrstUVWxyz012345a'],
    ['Discord', 'MTAyOTQ4MTN5OTU5MTDwMEcxNg.GSwJyi.sbaw8msOR3Wi6vPUzeIWy_P0vJbB0UuRVjH8l8'],
    ['PEM', `-----BEGIN EC PRIVATE KEY-----\n${'MHcCAQEEIIrYSSNQFaA2Hwf1'.repeat(4)}\n-----END EC PRIVATE KEY-----`],
  ])('a key of %s, by its shape', (_, key) => {
    expect(found(`x ${key} y`)).toEqual([`API_KEY ${key}`])
  })

  it.each([
    ['password = hunter2!', 'API_KEY hunter2!'],
    ['"api_key": "9f86d081884c7d659a2feaa0c55ad015"', 'API_KEY 9f86d081884c7d659a2feaa0c55ad015'],
    ['Authorization: Bearer mF_9.B5f-4.1JqM8aXz', 'API_KEY mF_9.B5f-4.1JqM8aXz'],
    ['API_PASSWORD=whiteduke', 'API_KEY whiteduke'],
    ['postgres://app:s3cr3t@db.internal/x', 'API_KEY s3cr3t'],
    ['curl -u ann:pRf7vG2h1L8n x', 'API_KEY pRf7vG2h1L8n'],
    ['todoist secret 5179f75c4209d75c79f4d5f420d9a75c', 'API_KEY 5179f75c4209d75c79f4d5f420d9a75c'],
    [
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
      'API_KEY -----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    ],
    [
      'https://hooks.slack.com/services/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',
      'API_KEY hooks.slack.com/services/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',
    ],
  ])('a secret in %j', (text, expected) => {
    expect(found(text, createDetector())).toEqual([expected])
  })

  it.each([
    '4111-1111-1111-1112',
    'Card: 4111 1111 1111 1112',
    'call me about card 4111-1111-1111-1112',
    '123456789',
    '000-12-3456 666-12-3456 123-00-4567 123-45-0000',
    '550e8400-e29b-41d4-a716-446655440000',
    'token 550e8400-e29b-41d4-a716-446655440000',
    'api_key=550e8400-e29b-41d4-a716-446655440000',
    'session ba677618-fb51-403b-acd1-67dfda69aade of opened-01a25760-1460-7712-be73-9c197581801b',
    'the account id 26b9f663-5f13-4d5d-ae27-c34cf6253ff6 was made for a customer',
    '{"phone_id":"16804434-ad80-4b72-bd55-0643df888e04","card":"22a1e004-d625-4a2d-bc32-661499313210"}',
    'DE89 3704 0044 0532 0130 01',
    'version 1.2.3.4 of v10.0.0.1',
    'a ratio of 1:2:3:4 at 12:30:45',
    'std::vector<int> MyClass::toString abc:def',
    'x[1::2] and x[::2]',
    'icon@2x.png and git@github.com:org/repo.git and lodash@4.17.21',
    'sha512-xHjhDr3cNBK0BzdUJSPXZntQUx/mwMS5Rw4A7lPJ90XGAO6ISP/ePDNuo0vhqOZU+UD5JoodwCAAoZQd3FeAKw==',
    'commit 48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e',
    'password: string; token: null; secret = process.env.SECRET; api_key: "<YOUR_KEY>"',
    'const password = getPassword() and const key = options.key',
    'Please select a table by the window and drop me a line; our union meets at 5 # room 12 | bring type O -- thanks',
    'The passport office opens at 9; driving is fun; a license is needed. Order 00012345.',
    'FF:FF:FF:FF:FF:FF',
    'sk-learn and ghp_short and AKIAexample and xoxb-your-token',
    '2001::25de::cade 12345:db8::1 192.168.1.256',
    'timestamp 1700000000000 and id 9007199254740991',
    'AB12345678901234',
    'It will take place between August 21 and August 28; the 2018 ACM A.M. Turing Award went to 3 people',
    'https://user:${PASSWORD}@host/ and curl -u test:test',
  ])('nothing in %j', (text) => {
    expect(found(text, createDetector())).toEqual([])
  })

  it('sees through full-width digits, hidden characters and odd spaces and dashes, and points into the original', () => {
    for (const ssn of [
      '１２３-45-6789',
      '123\u200b-45-67\u200d89',
      '123‑45–6789',
      '123−45−6789',
      '𝟏𝟐𝟑-45-6789',
      '١٢٣-٤٥-٦٧٨٩',
      '123\u00a045\u00a06789',
    ]) {
      const text = `é\u200b "${ssn}", ok`
      expect(found(text, createDetector())).toEqual([`SSN ${ssn}`])
    }
    expect(found('ｊｏｈｎ＠example。com', createDetector())).toEqual(['EMAIL ｊｏｈｎ＠example。com'])
  })

  it('takes the name of the field for a word nearby', () => {
    const detector = createDetector()
    expect(detector('123456789', 'ssn')).toMatchObject([{ kind: 'SSN', start: 0, end: 9 }])
    expect(detector('5551234567', 'customerPhone_number')).toMatchObject([{ kind: 'PHONE' }])
    expect(detector('correct horse', 'db_password')).toMatchObject([{ kind: 'API_KEY', recognizer: 'secret-field' }])
    expect(detector('correct horse', 'title')).toEqual([])
    expect(detector('550e8400-e29b-41d4-a716-446655440000', 'token')).toEqual([])
  })
})

describe('a detector', () => {
  it('looks for the kinds it is told, and by default for those that point at a person', () => {
    expect(detect('a@x.co 123-45-6789', { kinds: ['SSN'] }).map(({ kind }) => kind)).toEqual(['SSN'])
    expect(detect('https://x.co on 2024-01-02, NY 10029, aged 39')).toEqual([])
    expect(defaultKinds).not.toContain('URL')
    expect(() => createDetector({ kinds: ['HOROSCOPE'] })).toThrow(TypeError)
  })

  it('leaves out what is less sure than asked', () => {
    const [{ score } = { score: 0 }] = detect('123 45 6789')
    expect(detect('123 45 6789', { minScore: score })).toHaveLength(1)
    expect(detect('123 45 6789', { minScore: score + 0.01 })).toEqual([])
  })

  it('refuses a text that is too long, and says how long one may be', () => {
    expect(() => detect('a'.repeat(maxText + 1))).toThrow(/at most 1000000/)
    expect(detect('a'.repeat(maxText))).toEqual([])
  })

  it('takes the surest of overlapping finds, then the longest', () => {
    const at = (start: number, end: number, score: number): Detection => ({ kind: 'X', start, end, score, recognizer: `${start}` })
    expect(apart([at(0, 10, 0.5), at(5, 8, 0.9), at(8, 12, 0.6), at(20, 22, 0.5), at(20, 25, 0.5)])).toEqual([
      at(5, 8, 0.9),
      at(8, 12, 0.6),
      at(20, 25, 0.5),
    ])
    expect(apart([])).toEqual([])
  })

  it('answers in reading order, apart, inside the text, for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '123-45-6789',
        ' ',
        '-',
        '+1',
        '(555)',
        '@x.co',
        'a',
        '::1',
        'ssn',
        '4111 1111 1111 1111',
        '１',
        '\u200b',
        '=',
        'key',
        'sk-',
        'May 5',
        'é',
        '𝟏',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('')
        let last = 0
        for (const { start, end, score } of every(text)) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          expect(end).toBeLessThanOrEqual(text.length)
          expect(score).toBeLessThanOrEqual(1)
          last = end
        }
      }),
      { numRuns: 400 },
    )
  })

  it('looks at no more than a bounded number of places for each character, whatever the text', () => {
    const search = createSearch(patternKinds)
    for (const seed of [
      '1 ',
      '1.',
      '@a.',
      'a@',
      '::',
      '+1 ',
      '-----BEGIN PRIVATE KEY-----',
      'token=a1',
      'eyJ',
      'Rue Aa Aa 1',
      '12 Aaaa ',
      '(',
      '\u200b1',
    ]) {
      const count = (times: number) => search(seed.repeat(times)).length
      expect(count(4000)).toBeLessThanOrEqual(2.2 * count(2000) + 50)
    }
  })

  it('reads on from each place as far as a key is long, whatever the text', () => {
    const search = createSearch(patternKinds)
    const words = recognizers.flatMap(({ at }) => (typeof at === 'object' && 'words' in at ? at.words : []))
    const read = (text: string) => search(text).reduce((sum, { start, end }) => sum + end - start, 0)
    expect(words.length).toBeGreaterThan(200)
    for (const seed of words.flatMap((word) => [word, `${word}-`, `${word}_`, `${word}.`, `${word}=`, `${word}1`]))
      expect([seed, read(seed.repeat(400)) <= 2.2 * read(seed.repeat(200)) + 2_000]).toEqual([seed, true])
  })
})
