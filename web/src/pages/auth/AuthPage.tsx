import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Gate } from '@/app/Gate'
import { api, ask, type Schemas } from '@/lib/api'
import { useForm } from '@/lib/form'
import { workspacesQuery } from '@/lib/queries'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Time } from '@/ui/Format'
import { Input } from '@/ui/Input'
import { Facts, Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'

const route = getRouteApi('/auth')
type Reset = NonNullable<Schemas['Key']['limit_reset']>
const resets: readonly { value: Reset | ''; label: string }[] = [
  { value: '', label: 'in all' },
  { value: 'daily', label: 'a day' },
  { value: 'weekly', label: 'a week' },
  { value: 'monthly', label: 'a month' },
]

/** Agrees, or not, to an application's having a key. */
export function AuthPage() {
  const asked = route.useSearch()
  const { organization, person, can } = useSession()
  const callback = callbackOf(asked.callback_url)
  if (!callback) {
    return (
      <Gate title="This request cannot be answered">
        <Note kind="bad">The application named no address to return to that is allowed: https, or http of this machine. Nothing was given to it.</Note>
      </Gate>
    )
  }
  if (!can('keys:write')) {
    return (
      <Gate title="You cannot give keys">
        <Note kind="warn">Your role in {organization.name} does not allow making keys. Ask an admin.</Note>
      </Gate>
    )
  }
  return (
    <Gate title={`${callback.host} asks for a key`} about={`With it, the application can use models at the expense of ${organization.name}, as ${person.email}.`}>
      {!asked.code_challenge && <Note kind="warn">The application does not protect the exchange (no PKCE challenge). Go on only if you trust it and your network.</Note>}
      <Consent callback={callback} />
    </Gate>
  )
}

function Consent({ callback }: { callback: URL }) {
  const asked = route.useSearch()
  const { can } = useSession()
  const { data: workspaces = [] } = useQuery({ ...workspacesQuery, enabled: can('rules:read') })
  const form = useForm(
    { limit: asked.limit ?? '', reset: resets.find((r) => r.value === asked.usage_limit_type)?.value ?? '', workspace_id: '', key_label: asked.key_label?.slice(0, 100) ?? '' },
    (v) => ({ limit: v.limit === '' || Number(v.limit) >= 0 ? undefined : 'An amount in US dollars, or nothing' }),
  )
  const approve = async (v: typeof form.values) => {
    const { data } = await ask(
      api.POST('/auth/keys/code', {
        body: {
          callback_url: callback.href,
          code_challenge: asked.code_challenge,
          code_challenge_method: asked.code_challenge_method as 'S256' | 'plain' | undefined,
          key_label: v.key_label || null,
          limit: v.limit === '' ? null : Number(v.limit),
          usage_limit_type: v.reset || null,
          expires_at: asked.expires_at ?? null,
          workspace_id: v.workspace_id || undefined,
        },
      }),
    )
    leaveFor(callback, { code: data.id, state: asked.state })
  }
  return (
    <Form onSubmit={() => void form.submit(approve)}>
      <Facts
        rows={[
          ['Returns to', callback.origin],
          ...(asked.expires_at ? ([['Ends', Number.isNaN(Date.parse(asked.expires_at)) ? asked.expires_at : <Time key="t" at={asked.expires_at} as="date" />]] as const) : []),
        ]}
      />
      <Field label="Name of the key" optional>
        <Input maxLength={100} placeholder={`OAuth: ${callback.hostname}`} value={form.values.key_label} onChange={(e) => form.set({ key_label: e.target.value })} />
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Limit" optional error={form.errors.limit}>
          <Input before="$" inputMode="decimal" placeholder="No limit" value={form.values.limit} onChange={(e) => form.set({ limit: e.target.value })} />
        </Field>
        <Field label="For">
          <Select value={form.values.reset} onChange={(reset) => form.set({ reset })} options={resets} />
        </Field>
      </div>
      {workspaces.length > 1 && (
        <Field label="Workspace">
          <Select value={form.values.workspace_id} onChange={(workspace_id) => form.set({ workspace_id })} options={[{ value: '', label: 'Default' }, ...workspaces.slice(1).map((w) => ({ value: w.id, label: w.name }))]} />
        </Field>
      )}
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
      <div className="flex justify-end gap-2">
        <Button onClick={() => leaveFor(callback, { error: 'access_denied', state: asked.state })}>Refuse</Button>
        <Button kind="primary" type="submit" busy={form.busy}>
          Allow
        </Button>
      </div>
    </Form>
  )
}

/** An address that a code may go to; the gateway has the same rule. */
function callbackOf(address: string | undefined): URL | null {
  if (!address || !URL.canParse(address)) return null
  const url = new URL(address)
  const local = url.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  return (url.protocol === 'https:' || local) && !url.username && !url.password ? url : null
}

function leaveFor(callback: URL, params: Record<string, string | undefined>) {
  const url = new URL(callback)
  for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value)
  location.assign(url)
}
