/** Takes one line for people. */
export type Output = (line: string) => void

/** Something the person at the terminal has to mend: one line on standard error, exit code 2. */
export class Trouble extends Error {
  override readonly name = 'Trouble'
}
