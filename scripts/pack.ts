import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build } from 'rolldown'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly engines: { readonly node: string }
  readonly exports: { readonly [door: string]: string }
  readonly dependencies: { readonly [name: string]: string }
  readonly peerDependencies?: { readonly [name: string]: string }
  readonly peerDependenciesMeta?: { readonly [name: string]: { readonly optional: boolean } }
}

/** The doors of the packages that the SDK is made of, by the names that its code knows them by. */
const inside: { readonly [name: string]: string } = {
  '@agentgate/core': 'core/index',
  '@agentgate/api': 'api/index',
  '@agentgate/api/webhook': 'api/webhook',
}
/** What runs in threads of its own, beside the code that starts it. */
const threads = ['./src/proof/prover-worker.ts']
const out = 'packages/sdk/dist'

/** Packs the SDK as users install it, core and api inside it, into `folder`, and answers the tarball's path. */
export async function pack(folder: string): Promise<string> {
  const sdk = manifestOf('sdk')
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const written = [...(await bundled(sdk)), ...declared(sdk)]
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(published(sdk, written), null, 2)}\n`)
  for (const file of ['LICENSE', 'README.md']) cpSync(file, join(out, file))
  mkdirSync(folder, { recursive: true })
  const npm = ['pack', resolve(out), '--pack-destination', resolve(folder), '--json', '--ignore-scripts']
  execFileSync('npm', npm, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return join(folder, `${sdk.name}-${sdk.version}.tgz`)
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')) as Manifest
}

/** Writes the JavaScript of every door, and answers its texts. */
async function bundled({ exports }: Manifest): Promise<readonly string[]> {
  const doors = [...Object.values(exports), ...threads].map((file) => [basename(nameOf(file)), join('packages/sdk', file)] as const)
  const { output } = await build({
    input: Object.fromEntries(doors),
    platform: 'node',
    external: (id) => !/^[./]/.test(id) && !Object.keys(inside).includes(id),
    treeshake: { moduleSideEffects: false },
    output: {
      dir: out,
      format: 'esm',
      chunkFileNames: ({ facadeModuleId }) => `${/packages\/(\w+)\//.exec(facadeModuleId ?? '')?.[1] ?? 'shared'}.js`,
    },
    logLevel: 'warn',
  })
  return output.map((each) => (each.type === 'chunk' ? each.code : ''))
}

/** Writes the types of every door and of all that they name, and answers their texts. */
function declared({ exports }: Manifest): readonly string[] {
  execFileSync('node_modules/.bin/tsc', ['-b', 'packages/sdk'], { stdio: 'inherit' })
  const texts = new Map<string, string>()
  const todo = Object.values(exports).map((file) => `sdk/${nameOf(file)}.d.ts`)
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (texts.has(file)) continue
    const from = file
    const text = readFileSync(join('.types', from), 'utf8').replace(/((?:from|import\() ?)(['"])([^'"]+)\2/g, (_, before, quote, path) => {
      const other = typesOf(String(path), from)
      if (other === undefined) return `${before}${quote}${path}${quote}`
      todo.push(other)
      const near = relative(dirname(from), other).replace(/\.d\.ts$/, '.js')
      return `${before}${quote}${near.startsWith('.') ? near : `./${near}`}${quote}`
    })
    texts.set(from, text)
    mkdirSync(dirname(join(out, 'types', from)), { recursive: true })
    writeFileSync(join(out, 'types', from), text)
  }
  return [...texts.values()]
}

/** Where the types that an import names lie, if they are ours. */
function typesOf(path: string, from: string): string | undefined {
  const home = inside[path]
  if (home !== undefined) return `${home}.d.ts`
  return path.startsWith('.') ? join(dirname(from), path.replace(/\.[jt]s$/, '.d.ts')) : undefined
}

/** The manifest that goes into the tarball: what the packed code names is declared, exactly, and nothing else. */
function published(sdk: Manifest, texts: readonly string[]) {
  const { name, version, license, engines, exports, peerDependencies = {}, peerDependenciesMeta } = sdk
  const known = Object.assign({}, ...['core', 'api', 'sdk'].map((each) => manifestOf(each).dependencies)) as Manifest['dependencies']
  const named = (dependency: string) => texts.some((text) => new RegExp(`['"]${dependency}['"/]`).test(text))
  const loaded = Object.entries(known).filter(
    ([dependency]) => !(dependency in inside) && !(dependency in peerDependencies) && named(dependency),
  )
  return {
    name,
    version,
    description: 'Governs the tool and model calls of AI agents: policies, limits, approvals, masking, evidence.',
    license,
    type: 'module',
    sideEffects: false,
    engines,
    exports: Object.fromEntries(
      Object.entries(exports).map(([door, file]) => [door, { types: `./types/sdk/${nameOf(file)}.d.ts`, default: `./${nameOf(file)}.js` }]),
    ),
    dependencies: Object.fromEntries(loaded.toSorted(([a], [b]) => a.localeCompare(b))),
    peerDependencies,
    peerDependenciesMeta,
  }
}

function nameOf(file: string): string {
  return file.replace(/^\.\/src\//, '').replace(/\.ts$/, '')
}

if (import.meta.main) {
  const tarball = await pack('.')
  console.log(`${tarball}  ${Math.round(statSync(tarball).size / 1000)} kB`)
}
