import { defineConfig } from 'vitest/config'

/** One project a category; `./run test NAME` runs one. Files are named `*.test.ts`, or `*.<category>.test.ts`. */
const kinds = ['contract', 'api', 'security', 'integration', 'e2e', 'story'] as const
const named = kinds.map((kind) => `**/*.${kind}.test.ts`)
const outside = ['**/node_modules/**', '**/.types/**', '**/dist/**', '**/.toolchain/**']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    setupFiles: ['scripts/one-seed.ts'],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['packages/*/src/**/*.{ts,tsx}'],
      exclude: ['**/*.test.ts', '**/*.contract.ts'],
      reporter: ['text-summary', 'json-summary'],
      reportsDirectory: 'coverage',
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...outside, ...named],
          pool: 'threads',
        },
      },
      ...kinds.map((kind) => ({ extends: true as const, test: { name: kind, include: [`**/*.${kind}.test.ts`], exclude: outside } })),
    ],
  },
})
