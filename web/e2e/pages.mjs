// The table of pages: where each is, and by what one knows that it is empty and full. A page without a row, or a row
// without a state, fails states.test.mjs; injection.test.mjs visits the same table with hostile names.

/**
 * `at` is the address when things are made (`furnish` says which). `full` is a text that only the full page has.
 * `empty` is how the page looks with nothing on it: the text, and the address if it is another; with `none` the API is taken to answer that path with an empty list.
 * `says` are the places of `furnish` whose texts are on it.
 * `asks: false`: the page asks the API nothing of its own, so it neither loads nor fails; `why` says what it is instead.
 */
export const pages = [
  { path: '/chat', at: () => '/chat', full: 'New chat', empty: { text: 'No model can be asked', none: '/models' } },
  { path: '/playground/embeddings', at: () => '/playground/embeddings', full: 'Texts', empty: { text: 'No model', none: '/models' } },
  { path: '/playground/images', at: () => '/playground/images', full: 'No pictures yet', empty: { text: 'No model', none: '/models' } },
  { path: '/playground/speech', at: () => '/playground/speech', full: 'Voice', empty: { text: 'No model', none: '/models' } },
  { path: '/models', at: () => '/models', full: 'Demo Thinker', empty: { text: 'No model matches', at: '/models?q=nothing-like-it' } },
  { path: '/models/$author/$slug', at: () => '/models/demo/chat', full: 'Demo Amber', empty: { text: 'could not be loaded', at: '/models/no/such' } },
  { path: '/providers', at: () => '/providers', full: 'Demo Amber', empty: { text: 'No provider fits', at: '/providers?q=nothing-like-it' } },
  { path: '/providers/$slug', at: () => '/providers/demo-amber', full: 'Demo Chat', empty: { text: 'There is no such provider', at: '/providers/none' } },
  { path: '/rankings', at: () => '/rankings', full: 'demo/thinker', empty: { text: 'Nothing was used in this time' } },
  { path: '/status', at: () => '/status', full: 'Demo Amber', empty: { text: 'No endpoint fits', at: '/status?q=nothing-like-it' } },
  { path: '/activity', at: () => '/activity', full: 'demo/thinker', empty: { text: 'No request in this time' } },
  { path: '/logs', at: () => '/logs', full: 'Support desk', empty: { text: 'No request yet' }, says: ['app', 'key'] },
  { path: '/generations/$id', at: (made) => `/generations/${made.generation}`, full: 'Routing', empty: { text: 'This request could not be loaded', at: '/generations/gen-nothing' }, says: ['app', 'session', 'end user', 'comment'] },
  { path: '/sessions', at: () => '/sessions', full: 'case-1001', empty: { text: 'No session yet' }, says: ['session'] },
  { path: '/settings', at: () => '/settings?tab=security', full: 'Passkeys', empty: { text: 'None yet' } },
  { path: '/organization', at: () => '/organization', full: 'Hieronymus', empty: false, why: 'one is always in an organisation', says: ['organisation'] },
  { path: '/keys', at: () => '/keys', full: 'first key', empty: { text: 'No key matches', at: '/keys?q=nothing-like-it' }, says: ['key'] },
  { path: '/members', at: () => '/members', full: 'Bo', empty: { text: 'No member matches', at: '/members?q=nothing-like-it' }, says: ['member'] },
  { path: '/identity', at: () => '/identity?view=workloads', full: 'Deploys', empty: { text: 'No policy', at: '/identity?view=workloads' }, says: ['policy'] },
  { path: '/workspaces', at: () => '/workspaces', full: 'Default workspace', empty: { text: 'No workspace matches', at: '/workspaces?q=nothing-like-it' }, asks: false, why: 'the session brings its list', says: ['workspace'] },
  { path: '/workspaces/$id', at: (made) => `/workspaces/${made.workspace}`, full: '$250', empty: { text: 'No workspace has this id', at: '/workspaces/none' }, says: ['workspace', 'workspace’s description'] },
  { path: '/credits', at: () => '/credits', full: '$1,000', empty: { text: 'Nothing was granted yet' }, says: ['note of a grant'] },
  { path: '/byok', at: () => '/byok', full: 'OpenAI', empty: { text: 'No key of your own' }, says: ['provider key'] },
  { path: '/guardrails', at: () => '/guardrails', full: 'Interns', empty: { text: 'No guardrail matches', at: '/guardrails?q=nothing-like-it' }, says: ['guardrail'] },
  { path: '/guardrails/$id', at: (made) => `/guardrails/${made.guardrail}`, full: 'Zero data retention', empty: { text: 'could not be loaded', at: '/guardrails/00000000-0000-0000-0000-000000000000' }, says: ['guardrail', 'guardrail’s description'] },
  { path: '/presets', at: () => '/presets', full: 'mail', empty: { text: 'No preset yet' }, says: ['preset', 'preset’s description'] },
  { path: '/presets/$slug', at: (made) => `/presets/${made.preset}`, full: 'Version 2', empty: { text: 'could not be loaded', at: '/presets/none' }, says: ['preset', 'preset’s description', 'system prompt', 'member'] },
  { path: '/routing', at: () => '/routing?model=demo/chat', full: 'Demo Amber', empty: { text: 'Choose a model', at: '/routing' } },
  { path: '/privacy', at: () => '/privacy', full: 'Ed25519', empty: false, why: 'there is always a workspace and a key that signs', says: ['workspace'] },
  { path: '/catalogue', at: () => '/catalogue', full: 'own/little', empty: { text: 'No endpoint of your own' }, says: ['own provider'] },
  { path: '/destinations', at: () => '/destinations', full: 'Warehouse', empty: { text: 'No destination' }, says: ['destination'] },
  { path: '/audit', at: () => '/audit', full: 'workspace.create', empty: { text: 'No entry matches', at: '/audit?q=nothing-like-it' } },
  { path: '/system', at: () => '/system', full: 'writable', empty: false, why: 'the gateway that answers is a system' },
  { path: '/signin', at: () => '/signin', full: 'Sign in', asks: false, anonymous: true, why: 'a form' },
  { path: '/invite', at: () => '/invite#token=none', full: 'Choose a password', asks: false, anonymous: true, why: 'a form about a token' },
  { path: '/setup', at: () => '/setup?step=call', full: 'Make a first call', asks: false, why: 'a form' },
  { path: '/auth', at: () => `/auth?callback_url=${encodeURIComponent('https://app.example/done')}&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256&key_label=My%20editor`, full: 'asks for a key', asks: false, why: 'a question about what the address says' },
]

/** The address of every page that needs nothing but a gateway with its demo providers. */
export const addresses = [...pages.filter((p) => p.asks !== false && !p.path.includes('$')).map((p) => p.path), '/models/demo/chat', '/providers/demo-amber', '/workspaces/default', '/activity?period=30d']
