/** A message worth sending, and what must happen. */
export interface Scenario {
  readonly name: string
  readonly text: string
  readonly shows: string
  /** How many times it is sent: until one is refused, at most this often. */
  readonly times?: number
}

/** The main job, one click each. */
export const scenarios: readonly Scenario[] = [
  { name: 'SSN', text: 'My SSN is 123-45-6789', shows: 'The model receives a token; you see your number again.' },
  { name: 'Email', text: 'Email: ceo@company.com', shows: 'Masked, and the same token later in the session.' },
  { name: 'Card', text: 'Card: 4111-1111-1111-1111', shows: 'A valid card number is masked; one with a bad checksum is none.' },
  { name: 'SQL injection', text: "'; DROP TABLE users; --", shows: 'Refused before the model.' },
  { name: 'Shell injection', text: 'rm -rf / --no-preserve-root', shows: 'Refused before the model.' },
  { name: 'Script', text: '<script>alert(document.cookie)</script>', shows: 'Refused, and inert wherever it is shown.' },
  { name: '21 messages', text: 'One of many messages', shows: 'The 21st in a minute is refused, with the exact wait.', times: 21 },
  {
    name: 'Delete a user',
    text: 'Delete user John Smith, SSN 123-45-6789, and export account history',
    shows: 'The model asks for a tool; somebody else must approve it; then it runs once.',
  },
  {
    name: 'Ordinary prose',
    text: 'Please select a table by the window and drop me a line; our union meets at 5 # room 12 | bring type O -- thanks',
    shows: 'Looks like an attack to a list of words; passes untouched.',
  },
]
