/** Ordinary sentences, made from templates: recipes, names, reviews of code, talk about shells and databases, letters. */
export function ordinarySentences(): readonly string[] {
  const names = ["Mr O'Brien", 'Anna-Lena', "D'Angelo", 'the Smiths', "my aunt's neighbour", 'Dr. Lee', 'Renée', 'our union']
  const times = ['at 5', 'by noon', 'on Monday', 'before the 3rd', 'in 20 minutes', 'after lunch']
  const made: string[] = []
  for (const name of names) {
    for (const time of times) {
      made.push(`Please ask ${name} to drop me a line ${time}; the table by the window is free.`)
      made.push(`${name} will select a gift from the catalogue ${time} -- thanks!`)
    }
    made.push(`${name} said: "don't update the list or we'll lose it" & left.`, `Is it ${name}'s or yours? I can't tell 'em apart.`)
    made.push(
      `Email ${name} about room #12 | bring type O -- it's urgent (really).`,
      `Dear ${name}, I'd like 3 or 4 of these; delete the rest.`,
    )
  }
  for (const food of ['onions', 'carrots', 'apples', 'potatoes', 'tomatoes', 'leeks', 'plums', 'beets']) {
    made.push(
      `Cut the ${food}; drop them in the pot, and stir for 5 minutes.`,
      `Mix 1/2 cup of ${food} with 2 tbsp sugar & a pinch of salt (or more).`,
    )
    made.push(
      `Use half of the ${food}, set the rest aside; then join the two halves.`,
      `Ingredients: ${food}; salt; oil. Sort & rinse the ${food} first.`,
    )
  }
  for (const word of ['id', 'userId', 'name', 'sort', 'date', 'find', 'cat', 'echo', 'value', 'test']) {
    made.push(
      `In this review I would rename \`${word}\` to \`${word}Key\`; it's clearer.`,
      `The function ${word}() returns null when the list is empty, doesn't it?`,
    )
    made.push(
      `Why does \`${word}\` fail here? I think the cache isn't warm yet.`,
      `We should add a test for ${word} before we merge; see line 42.`,
    )
    made.push(`If x > 0 and y < 10 then ${word} is set to true, which is what we want.`)
  }
  for (const tool of ['ls', 'grep', 'curl', 'bash', 'tar', 'ssh', 'sed', 'chmod', 'docker', 'git']) {
    made.push(`How do I use ${tool} to list the files in a folder?`, `I ran ${tool} yesterday and it was slow; is that a known issue?`)
    made.push(
      `The ${tool} manual says the option is off by default, so please leave it.`,
      `My favourite tools are ${tool}, awk and make; what are yours?`,
    )
  }
  for (const word of ['SELECT', 'UNION', 'JOIN', 'DELETE', 'INSERT', 'UPDATE', 'DROP', 'WHERE']) {
    made.push(`What does ${word} do in SQL, and when should I use it?`, `Could you explain the ${word} statement to our new colleague?`)
    made.push(
      `The ${word} clause in our report is slow; an index on the date would help.`,
      `I don't understand why ${word} locks the table and how to avoid it.`,
    )
  }
  for (const code of ['const total = price * count', 'return items.map(toName)', 'let x = a || b', 'if (a && b) go()']) {
    made.push(`Please look at \`${code}\` and tell me what you think.`, `My colleague wrote ${code} in the helper; is it fine?`)
  }
  made.push(
    'Please select a table by the window and drop me a line; our union meets at 5 # room 12 | bring type O -- thanks',
    "Rock 'n' roll isn't dead; it's just resting.",
    'The score was 3-2 (or 4-2?) -- I was not there.',
    'Is 1 = 1 always true in mathematics, or is that an axiom?',
    'She moved from table 4 to table 7 because of the noise & the draught.',
    'The alert was raised at 10:30; please confirm that it is gone.',
    'He wrote <3 at the end of the message, which made her smile.',
    'Prices: $5 {small}, $7 {large}; tax not included.',
    "It's 50% off until the end of the month!",
    'See https://example.com/help?topic=tables&lang=en for more about it.',
    'Open the file docs/readme.md and read the part on set-up.',
    'I saved it under C:\\Users\\ann\\report.docx as you asked.',
    'Our address is 12 Main St., Apt. #4; ring twice.',
    'Add "milk" or "cream" and "sugar" to the list, please.',
    'The script for the play is done; the actors love it.',
    'We cast to float, then round; the sum is off by 0.01.',
    'You can reach me at ann@example.com or +1 (555) 123-4567.',
    'My SSN is 123-45-6789',
    'Card: 4111-1111-1111-1111',
    'Delete user John Smith, SSN 123-45-6789, and export account history',
    'What is the capital of France?',
    'Wähle bitte einen Tisch am Fenster; wir kommen um 5 Uhr.',
    "L'équipe d'Anne n'est pas là; rappelez-la à 5 h.",
    '今日は天気がいいですね。テーブルを選んでください。',
    'Выберите стол у окна; мы придём в пять.',
  )
  return made
}

/** Values that are no sentences and no payloads. */
export const ordinaryValues: readonly string[] = [
  "O'Brien",
  "D'Angelo & Sons",
  'ann@example.com',
  'ann.lee+news@mail.example.co.uk',
  'https://example.com/a/b?c=d&e=f#g',
  '+1 (555) 123-4567',
  '123-45-6789',
  '4111 1111 1111 1111',
  'usr_12345',
  'gpt-4o-mini',
  '2024-05-01T12:00:00Z',
  '192.0.2.7',
  'DE89 3704 0044 0532 0130 00',
  '550e8400-e29b-41d4-a716-446655440000',
  'hello',
  'Hello, world!',
  'a',
  '',
  ' ',
  '{"name":"Ann","age":30,"tags":["a","b"]}',
  '[1, 2, 3]',
  'true',
  'null',
  'readme.md',
  'docs/guide.md',
  '/api/users',
  '/home/ann/notes.txt',
  'report (final) v2.docx',
  'id',
  'user_id',
  'select',
  'or',
  'customer_support',
  'R&D',
  'AT&T',
  'C++',
  'C#',
  '#1',
  '50%',
  '$5.00',
  '10 > 5',
  'a = b',
  'x+y',
  'rock & roll',
  "rock 'n' roll",
  '"quoted"',
  "'quoted'",
  '(555)',
  '{{name}}',
  '${name}',
  'Smith; Jones',
  'red|green|blue',
  'Mon-Fri',
  '3/4',
  'and/or',
  '--',
  '-',
  '*',
  '?',
  'price <= 10',
  'Größe',
  '東京',
  'José María',
  '<b>bold</b>',
  '<p>Hello</p>',
  'key=value',
  'a=1&b=2',
  'ping pong',
  'fish soup',
  'find Nemo',
  'cat food',
  'top ten',
  'sort of',
  'date night',
  'set menu',
  'id card',
  'host family',
  'make up',
  'time out',
  'more or less',
  'delete_user',
  'tool:delete_user',
  'drop-down',
  'Union Square',
]
