import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Clock, PrincipalId, TenantId } from '@agentgate/core'
import { type JWK, exportJWK, jwtVerify, SignJWT } from 'jose'

/** What an access token says: a person's session. Whether that still is good only the store knows. */
export interface Claims {
  readonly tenant: TenantId
  readonly principal: PrincipalId
  readonly session: string
}

/** Seconds that an access token is good for. */
export const accessLifetime = 900

export interface AccessTokens {
  readonly issue: (claims: Claims) => Promise<string>
  /** `undefined` for anything but a token of this server that has not expired. */
  readonly read: (token: string) => Promise<Claims | undefined>
  /** The public key, for whoever checks tokens elsewhere. */
  readonly jwks: () => Promise<{ readonly keys: readonly JWK[] }>
}

const audience = 'agentgate'
const type = 'at+jwt'

/** Signs access tokens (RFC 9068, EdDSA) with a key of their own, which derives from the server's secret and from nothing else. */
export function accessTokens({ secret, issuer, clock }: { secret: Uint8Array; issuer: string; clock: Clock }): AccessTokens {
  const key = ed25519(new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), 'agentgate/session/access-token', 32)))
  const publicKey = createPublicKey(key)
  const kid = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
    .slice(0, 16)

  return {
    issue({ tenant, principal, session }) {
      const now = Math.floor(clock.now() / 1000)
      return new SignJWT({ sid: session, tenant })
        .setProtectedHeader({ alg: 'EdDSA', typ: type, kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(principal)
        .setIssuedAt(now)
        .setExpirationTime(now + accessLifetime)
        .sign(key)
    },
    async read(token) {
      try {
        const currentDate = new Date(clock.now())
        const requiredClaims = ['exp', 'iat', 'sub']
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ['EdDSA'],
          issuer,
          audience,
          typ: type,
          requiredClaims,
          currentDate,
        })
        const { sub, sid, tenant } = payload
        if (typeof sid !== 'string' || typeof tenant !== 'string' || sub === undefined) return undefined
        return { tenant: tenant as TenantId, principal: sub as PrincipalId, session: sid }
      } catch {
        return undefined
      }
    },
    async jwks() {
      return { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }] }
    },
  }
}

/** A private key from its 32-byte seed: PKCS #8 of RFC 8410. */
function ed25519(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}
