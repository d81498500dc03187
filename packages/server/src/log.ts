import pino, { type DestinationStream, type Logger } from 'pino'

/** All that a log line may say besides its message: codes, ids, counts and times. What has another name is left out. */
const names = new Set([
  'approval',
  'call',
  'cause',
  'code',
  'control',
  'count',
  'decision',
  'entry',
  'folder',
  'host',
  'hostname',
  'id',
  'kind',
  'method',
  'mode',
  'ms',
  'name',
  'pid',
  'port',
  'principal',
  'reqId',
  'session',
  'signal',
  'size',
  'statusCode',
  'tenant',
  'url',
  'verdict',
  'version',
])

/** Structured logs, one JSON object a line, without personal data: of anything but these names only that it was there is told. */
export function createLog({ level, destination }: { readonly level: string; readonly destination?: DestinationStream }): Logger {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: said },
      serializers: { err: () => undefined, req: () => undefined, res: () => undefined },
      hooks: {
        logMethod(args, method) {
          // An error as the whole line would bring its message, which may quote what it was given.
          const [first, ...rest] = args as unknown as [unknown, ...unknown[]]
          method.apply(
            this,
            (first instanceof Error
              ? [{ name: first.name, code: codeOf(first) }, ...(rest.length > 0 ? rest : ['failed'])]
              : args) as typeof args,
          )
        },
      },
    },
    destination ?? pino.destination(2),
  )
  // Formatters do not see what a child is bound to.
  const child: Logger['child'] = Reflect.get(log, 'child')
  log.child = function (this: Logger, bindings, options) {
    return child.call(this, said(bindings), options)
  } as Logger['child']
  return log
}

function said(line: Record<string, unknown>): Record<string, unknown> {
  const kept: [string, unknown][] = []
  let left = 0
  for (const [name, value] of Object.entries(line)) {
    if (names.has(name) && ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) kept.push([name, value])
    else if (name === 'err' && value instanceof Error) kept.push(['name', value.name], ['code', codeOf(value)])
    else left++
  }
  return Object.fromEntries(left > 0 ? [...kept, ['left_out', left]] : kept)
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
