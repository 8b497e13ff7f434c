import { api, ask } from '@/lib/api'
import { useForm } from '@/lib/form'
import { weakness } from '@/lib/safe'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Input } from '@/ui/Input'
import { Note, Panel } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { useRefreshMe } from './me'

export function Password() {
  const { person } = useSession()
  const refresh = useRefreshMe()
  const form = useForm({ current: '', new: '' }, (v) => ({ current: person.has_password && !v.current ? 'Your password until now' : undefined, new: weakness(v.new) }))
  return (
    <Panel title="Password" about="A change ends all your other sessions.">
      <Form
        onSubmit={() =>
          void form.submit(async (v) => {
            await ask(api.POST('/me/password', { body: { current: v.current, new: v.new } }))
            form.reset()
            await refresh()
            toast('Your password is changed; your other sessions have ended')
          })
        }
      >
        <input type="text" autoComplete="username" value={person.email} readOnly hidden />
        {person.has_password && (
          <Field label="Current password" error={form.errors.current}>
            <Input type="password" autoComplete="current-password" value={form.values.current} onChange={(e) => form.set({ current: e.target.value })} />
          </Field>
        )}
        <Field label="New password" hint="At least 10 characters." error={form.errors.new}>
          <Input type="password" autoComplete="new-password" value={form.values.new} onChange={(e) => form.set({ new: e.target.value })} />
        </Field>
        {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
        <Button kind="primary" type="submit" className="self-start" busy={form.busy} disabled={!form.values.new}>
          Change password
        </Button>
      </Form>
    </Panel>
  )
}
