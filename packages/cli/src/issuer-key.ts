import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { type Client, Problem } from '@agentgate/api'
import { type GrantClaim, grantIn, localSigner, type Signer, signGrant } from '@agentgate/core'
import { Trouble } from './output.ts'

type Issuing = Parameters<Client['delegations']['issue']>[0]['body']

/** The Ed25519 key in a PEM file, which is made when there is none: PKCS#8, for its owner's eyes only. */
export function keyAt(file: string): { readonly signer: Signer; readonly made: boolean } {
  try {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' })
    return { signer: signerIn(file), made: true }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return { signer: signerIn(file), made: false }
    if (codeOf(error) === undefined) throw error
    throw new Trouble(`The key file \`${file}\` cannot be written (${codeOf(error)}): name one in a folder that is yours.`)
  }
}

/** Signs by the key in a PEM file. */
export function signerIn(file: string): Signer {
  const pem = read(file)
  try {
    const { crv, d = '' } = createPrivateKey(pem).export({ format: 'jwk' })
    if (crv === 'Ed25519') return localSigner(Buffer.from(d, 'base64url'))
  } catch {
    // Told below, without what the file holds.
  }
  throw new Trouble(`\`${file}\` holds no Ed25519 private key in PEM: make one with \`agentgate delegations enrol-key FILE\`.`)
}

/** Hands authority on, signed by the issuer: the statement that the server asks for is signed only if it says what was asked. */
export async function issueSigned(client: Client, body: Issuing, signer: Signer) {
  try {
    return await client.delegations.issue({ body })
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'signature-required') throw error
    const { statement = '' } = error.body
    const text = Buffer.from(statement, 'base64').toString()
    const { id, tenant } = await client.principals.me()
    const claim = grantIn(text)
    if (!claim || !says(claim, { ...body, issuer: id, tenant }))
      throw new Trouble('The server asks to sign something else than what was asked of it: nothing was signed.')
    const { signature } = await signGrant(signer, text)
    return client.delegations.issue({ body: { ...body, signed: { statement, signature: Buffer.from(signature).toString('base64') } } })
  }
}

function says(claim: GrantClaim, asked: Issuing & { readonly issuer: string; readonly tenant: string }): boolean {
  const { constraints = {}, obligations = [] } = asked
  return (
    claim.issuer === asked.issuer &&
    claim.tenant === asked.tenant &&
    claim.holder === asked.holder &&
    claim.parent === (asked.parent ?? null) &&
    same(claim.allowed_actions, asked.allowed_actions) &&
    same(claim.resource_scope, asked.resource_scope) &&
    claim.constraints.max_cost === (constraints.max_cost ?? null) &&
    claim.constraints.taint === (constraints.taint ?? null) &&
    same(claim.obligations, obligations) &&
    Date.parse(claim.expires_at) === Date.parse(asked.expires_at)
  )
}

function same(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify(some) === JSON.stringify([...new Set(others)])
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Trouble(`The key file \`${file}\` cannot be read (${codeOf(error) ?? 'no reason was told'}).`)
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
