/** How a cookie is set. JavaScript never sees it, and no other site makes a browser send it. */
export interface CookieOptions {
  readonly httpOnly: true
  readonly sameSite: 'strict'
  readonly secure: boolean
  readonly path: string
  /** Seconds. */
  readonly maxAge: number
}

export interface Cookies {
  readonly access: { readonly name: string; readonly options: CookieOptions }
  readonly refresh: { readonly name: string; readonly options: CookieOptions }
}

/**
 * The two cookies of a browser that signed in. Over HTTPS their names make browsers refuse them from anywhere else
 * (RFC 6265bis, `__Host-`, `__Secure-`); over HTTP they carry the port, as browsers share cookies between ports.
 */
export function cookiesFor(origin: string): Cookies {
  const { protocol, port } = new URL(origin)
  const secure = protocol === 'https:'
  const shared = { httpOnly: true, sameSite: 'strict', secure } as const
  return {
    access: { name: secure ? '__Host-agentgate' : `agentgate_${port || '80'}`, options: { ...shared, path: '/', maxAge: 900 } },
    refresh: {
      name: secure ? '__Secure-agentgate_refresh' : `agentgate_${port || '80'}_refresh`,
      options: { ...shared, path: '/api/auth', maxAge: 30 * 86_400 },
    },
  }
}

/** The value of a cookie in a `Cookie` header; the first where it is named twice. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
