import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pack } from './pack.ts'

export interface Installed {
  /** A fresh folder: in its `node_modules`, the unpacked tarball and what the tarball declares, and nothing else. */
  readonly folder: string
  readonly tarball: string
  readonly manifest: { readonly dependencies: { readonly [name: string]: string } }
}

/** Packs the SDK and installs the tarball as a user would, with its dependencies linked from here instead of fetched. */
export async function installed(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'agentgate-installed-'))
  const tarball = await pack(folder)
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  execFileSync('tar', ['-xzf', tarball, '-C', folder])
  renameSync(join(folder, 'package'), join(modules, 'agentgate'))
  const manifest = JSON.parse(readFileSync(join(modules, 'agentgate', 'package.json'), 'utf8')) as Installed['manifest']
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    const here = resolve('node_modules', name)
    const found = (JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as { version: string }).version
    if (found !== version) throw new Error(`the tarball declares \`${name}\` ${version}, and ${found} is installed here`)
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(here, join(modules, name))
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  return { folder, tarball, manifest }
}
