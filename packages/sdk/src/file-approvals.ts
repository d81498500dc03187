import { hkdfSync } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ApprovalAnswer,
  type Approval,
  type ApprovalId,
  type Approvals,
  askedAgain,
  type Call,
  type CallId,
  memoryApprovals,
  type TenantId,
  withAnswer,
} from '@agentgate/core'
import { isKey, openLine, sealLine } from './sealed-line.ts'
import { lockFolder } from './transaction/folder-lock.ts'

/** Approvals that outlive their process. */
export interface KeptApprovals extends Approvals {
  /**
   * What an earlier process asked of the same call, unless it was used up or its time is up. The first call of this process that
   * asks has it, and no other.
   */
  readonly earlier: (call: Call, binding: string) => Promise<Approval | undefined>
  /** Whose calls an earlier process asked about. */
  readonly tenants: () => Promise<readonly TenantId[]>
  /** What binds answers to their calls, the same at each start. */
  readonly commitmentKey: Uint8Array
}

export interface FileApprovalsOptions {
  /** A folder of its own, made when it is missing. One process has it at a time. */
  readonly folder: string
  /** 32 random bytes, the same at each start: what people say of calls is sealed at rest, and answers are bound to calls by it. */
  readonly key: Uint8Array
}

type Line =
  | { readonly asked: Approval }
  | { readonly answered: { readonly tenant: TenantId; readonly id: ApprovalId; readonly answer: ApprovalAnswer } }
  | { readonly closed: { readonly tenant: TenantId; readonly id: ApprovalId } }

/**
 * Keeps held calls and their answers in a folder: each line is on the disk before the call waits, the answer counts or the call
 * runs. What is used up, or whose time is up, is dropped at the next start.
 *
 * Throws a `RangeError` for a key that is not 32 bytes; everything rejects with a `FolderTaken` while another process has the folder,
 * and with an `Error` where a line was changed, or sealed under another key.
 */
export function fileApprovals({ folder, key }: FileApprovalsOptions): KeptApprovals {
  if (!isKey(key)) throw new RangeError('The `key` of approvals is no 32 bytes: give 32 random ones, the same at each start')
  const path = join(folder, 'approvals')
  const memory = memoryApprovals()
  const before = new Map<string, { readonly approval: Approval; by?: CallId }[]>()
  const closed = new Set<ApprovalId>()
  let lines = 0
  let whose: readonly TenantId[] = []
  let ready: Promise<void> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let broken: { readonly cause: unknown } | undefined

  const opened = () =>
    (ready ??= start().catch((error: unknown) => {
      ready = undefined
      throw error
    }))

  async function start(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await lockFolder(folder)
    const now = Date.now()
    const open = (await replayed(await textOf(path))).filter(({ expiresAt }) => expiresAt > now)
    const text = open.map((asked, line) => `${sealLine(key, placeOf(line), { asked } satisfies Line)}\n`).join('')
    await written(`${path}.new`, 'w', text)
    await rename(`${path}.new`, path)
    await synced(folder)
    lines = open.length
    whose = [...new Set(open.map(({ tenant }) => tenant))]
    before.clear()
    for (const approval of open) {
      await memory.ask(approval)
      // What was answered is picked up before what nobody has answered.
      const same = before.get(approval.binding) ?? []
      before.set(approval.binding, approval.state === 'pending' ? [...same, { approval }] : [{ approval }, ...same])
    }
  }

  /** Those that are not closed. What follows the last newline was torn by a crash: nothing was done on it. */
  async function replayed(text: string): Promise<readonly Approval[]> {
    const past = memoryApprovals()
    const open = new Map<ApprovalId, TenantId>()
    for (const [at, sealed] of text.split('\n').slice(0, -1).entries()) {
      const line = lineOf(at, sealed)
      if ('asked' in line) {
        open.set(line.asked.id, line.asked.tenant)
        await past.ask(line.asked)
      } else if ('answered' in line) await past.answer(line.answered.tenant, line.answered.id, line.answered.answer)
      else open.delete(line.closed.id)
    }
    const all = await Promise.all([...open].map(([id, tenant]) => past.find(tenant, id)))
    return all.filter((each) => each !== undefined)
  }

  function lineOf(at: number, sealed: string): Line {
    try {
      // INVARIANT: what opens was sealed here.
      return openLine(key, placeOf(at), sealed) as Line
    } catch (cause) {
      throw new Error(`Line ${at + 1} of \`${path}\` cannot be opened: it was changed, or sealed under another key`, { cause })
    }
  }

  /** One after the other: what memory says is on the disk. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(opened).then(work)
    turn = next.catch(() => undefined)
    return next
  }

  /** INVARIANT: after a write that failed, the lines of the file are not known, and nothing more is written. */
  async function append(line: Line): Promise<void> {
    if (broken) throw broken.cause
    try {
      await written(path, 'a', `${sealLine(key, placeOf(lines), line)}\n`)
      lines++
    } catch (cause) {
      broken = { cause }
      throw cause
    }
  }

  return {
    commitmentKey: new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), 'agentgate/commitment', 32)),
    tenants: async () => opened().then(() => whose),
    async earlier(call, binding) {
      await opened()
      const same = before.get(binding) ?? []
      const free = ({ approval, by }: (typeof same)[number]) =>
        by === undefined && !closed.has(approval.id) && approval.expiresAt > Date.now()
      const held = same.find(({ by }) => by === call.id) ?? same.find(free)
      if (!held || closed.has(held.approval.id)) return undefined
      held.by = call.id
      return memory.find(call.tenant, held.approval.id)
    },
    ask: (approval) =>
      inTurn(async () => {
        const { tenant, callId: call, binding } = approval
        const filed = (await memory.list(tenant, { call, limit: 1 })).find((each) => each.binding === binding)
        if (!filed || askedAgain(filed, approval)) await append({ asked: approval })
        return memory.ask(approval)
      }),
    answer: (tenant, id, answer) =>
      inTurn(async () => {
        const asked = await memory.find(tenant, id)
        if (!asked || !withAnswer(asked, answer)) return false
        await append({ answered: { tenant, id, answer } })
        return memory.answer(tenant, id, answer)
      }),
    async find(tenant, id) {
      await opened()
      const asked = await memory.find(tenant, id)
      const by = asked && before.get(asked.binding)?.find(({ approval }) => approval.id === id)?.by
      // The call that is made again has taken the place of the one that an earlier process asked about.
      return asked && by !== undefined ? { ...asked, callId: by } : asked
    },
    list: async (tenant, query) => opened().then(() => memory.list(tenant, query)),
    close: (tenant, id) =>
      inTurn(async () => {
        await append({ closed: { tenant, id } })
        closed.add(id)
        await memory.close(tenant, id)
      }),
  }
}

const placeOf = (line: number) => ['agentgate/approvals', line]

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  })
}

async function written(path: string, how: 'a' | 'w', text: string): Promise<void> {
  const file = await open(path, how, 0o600)
  try {
    await file.write(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function synced(folder: string): Promise<void> {
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
