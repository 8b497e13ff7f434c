// Privacy receipts: docs/privacy.md. They are verified here, in the browser, with the gateway's public key.

export type Receipt = {
  issued_at: string
  catalog_revision: string
  egress: { kind: string; host: string; provider?: string; region?: string; sent_bytes: number; received_bytes: number; status?: number; declared?: { trains: string; retains: string; publishes: string } }[]
  stored: { metadata: boolean; content: boolean; opaque: boolean }
}

type Signed = { payload: string; signature: string; key_id: string }

/** What a receipt states. */
export function statement(signed: Signed): Receipt {
  return JSON.parse(new TextDecoder().decode(bytes(signed.payload))) as Receipt
}

/** Whether the signature is the key's; undefined where this browser cannot tell. */
export async function verify(signed: Signed, key: { key_id: string; public_key: string }): Promise<boolean | undefined> {
  if (signed.key_id !== key.key_id) return false
  if (!globalThis.crypto?.subtle) return undefined // only over https or on this machine
  try {
    const imported = await crypto.subtle.importKey('raw', bytes(key.public_key), 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', imported, bytes(signed.signature), new TextEncoder().encode(`dragoman receipt 1\n${signed.payload}`))
  } catch (e) {
    if (e instanceof DOMException && e.name === 'NotSupportedError') return undefined
    throw e
  }
}

/** The bytes of base64, of either alphabet. */
function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
}
