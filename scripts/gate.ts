import { spawnSync } from 'node:child_process'

/** Everything that must hold before a change lands, cheapest first. Stops at the first that fails. */
const steps: [name: string, command: string, ...args: string[]][] = [
  ['format', 'node_modules/.bin/biome', 'format', '.'],
  ['lint', 'node_modules/.bin/oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'node_modules/.bin/tsc', '-b'],
  ['house', 'node', 'scripts/check-house.ts'],
  ['test', 'node', 'scripts/test.ts'],
]
for (const [name, command, ...args] of steps) {
  console.log(`── ${name}`)
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`\`${name}\` failed: mend it and run \`./run gate\` again`)
    process.exit(1)
  }
}
