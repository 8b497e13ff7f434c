/** The programs that can be shown; apart from what makes them, for routes, which are loaded with the app. */
export const sampleKinds = [
  { value: 'curl', language: 'curl', library: 'curl', code: 'bash' },
  { value: 'python', language: 'Python', library: 'openai', code: 'python' },
  { value: 'python-anthropic', language: 'Python', library: 'anthropic', code: 'python' },
  { value: 'python-openrouter', language: 'Python', library: 'openrouter', code: 'python' },
  { value: 'typescript', language: 'TypeScript', library: 'openai', code: 'typescript' },
  { value: 'typescript-anthropic', language: 'TypeScript', library: '@anthropic-ai/sdk', code: 'typescript' },
  { value: 'typescript-openrouter', language: 'TypeScript', library: '@openrouter/sdk', code: 'typescript' },
  { value: 'go', language: 'Go', library: 'openai-go', code: 'go' },
  { value: 'go-anthropic', language: 'Go', library: 'anthropic-sdk-go', code: 'go' },
] as const

export type SampleKind = (typeof sampleKinds)[number]['value']

/** The first kind of each language, for who does not care for the library. */
export const sampleLanguages = sampleKinds.filter((k, i) => sampleKinds.findIndex((o) => o.language === k.language) === i)
