// Passkeys: the browser's side of WebAuthn Level 3. Options and credentials are JSON both ways.

type Options = { id: string; publicKey: Record<string, unknown> }

/** Whether this browser can. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential !== 'undefined' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
}

/** Asks for a passkey that the person has here; the answer of POST /session/passkey/options goes in. */
export async function showPasskey({ id, publicKey }: Options): Promise<{ id: string; credential: Record<string, unknown> }> {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey as unknown as PublicKeyCredentialRequestOptionsJSON)
  return { id, credential: json(await navigator.credentials.get({ publicKey: options })) }
}

/** Makes a passkey; the answer of POST /me/passkeys/options goes in. */
export async function makePasskey({ id, publicKey }: Options): Promise<{ id: string; credential: Record<string, unknown> }> {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey as unknown as PublicKeyCredentialCreationOptionsJSON)
  return { id, credential: json(await navigator.credentials.create({ publicKey: options })) }
}

function json(credential: Credential | null): Record<string, unknown> {
  if (!credential) throw new Error('No passkey was given')
  return { ...(credential as PublicKeyCredential).toJSON() }
}

/** The person closed the browser's question: no error to show. */
export function wasDismissed(e: unknown): boolean {
  return e instanceof DOMException && (e.name === 'NotAllowedError' || e.name === 'AbortError')
}
