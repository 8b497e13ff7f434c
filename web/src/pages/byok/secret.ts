// The forms in which providers give their keys; docs/byok.md has them.

import { objectIn } from '@/lib/json'

export type Secret = {
  shape: 'plain' | 'azure' | 'bedrock' | 'vertex'
  key: string
  resource: string
  resource_type: 'openai' | 'ai_foundry'
  access_key: string
  secret_key: string
  region: string
}

export const noSecret: Secret = { shape: 'plain', key: '', resource: '', resource_type: 'openai', access_key: '', secret_key: '', region: '' }

export function shapeOf(provider: string): Secret['shape'] {
  if (/^azure/.test(provider)) return 'azure'
  if (/bedrock/.test(provider)) return 'bedrock'
  if (/vertex/.test(provider)) return 'vertex'
  return 'plain'
}

export function isEmpty(s: Secret): boolean {
  return !s.key.trim() && !s.access_key.trim() && !s.secret_key.trim()
}

/** What is missing or wrong, in words; undefined when the secret can be sent. */
export function wrongIn(s: Secret): Partial<Record<keyof Secret, string>> {
  switch (s.shape) {
    case 'azure':
      return { key: s.key.trim() ? undefined : 'The key of the resource', resource: s.resource.trim() ? undefined : 'The name of the resource, without its domain' }
    case 'bedrock':
      return { access_key: s.access_key.trim() ? undefined : 'The access key’s id', secret_key: s.secret_key.trim() ? undefined : 'The secret access key', region: s.region.trim() ? undefined : 'A region such as eu-central-1' }
    case 'vertex':
      return { key: objectIn(s.key) ? undefined : 'The whole key file of the service account, which is JSON' }
    case 'plain':
      return { key: s.key.trim() ? undefined : 'The key as the provider gave it' }
  }
}

/** The secret as the API takes it. */
export function textOf(s: Secret): string {
  switch (s.shape) {
    case 'azure':
      return JSON.stringify([{ api_key: s.key.trim(), resource_name: s.resource.trim(), resource_type: s.resource_type }])
    case 'bedrock':
      return JSON.stringify({ accessKeyId: s.access_key.trim(), secretAccessKey: s.secret_key.trim(), region: s.region.trim() })
    case 'vertex':
      return JSON.stringify({ ...objectIn(s.key), ...(s.region.trim() ? { region: s.region.trim() } : {}) })
    case 'plain':
      return s.key.trim()
  }
}
