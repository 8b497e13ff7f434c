import { useState } from 'react'
import { useLeave } from '@/app/leave'
import { api, ask } from '@/lib/api'
import { useForm } from '@/lib/form'
import { takeFragment, weakness } from '@/lib/safe'
import { Button } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'

/** Makes the first person; the token shows that it is who started the gateway. */
export function OwnerStep() {
  const [token] = useState(() => takeFragment('token'))
  const leave = useLeave()
  const form = useForm({ token, organization: '', name: '', email: '', password: '' }, (v) => ({
    token: v.token.trim() ? undefined : 'The token that the gateway printed when it started',
    organization: v.organization.trim() ? undefined : 'A name, such as your company’s',
    name: v.name.trim() ? undefined : 'A name, as others see it',
    email: /^\S+@\S+$/.test(v.email.trim()) ? undefined : 'An e-mail address such as ann@example.com',
    password: weakness(v.password),
  }))
  const send = async (v: typeof form.values) => {
    await ask(api.POST('/setup', { body: { token: v.token.trim(), organization: v.organization.trim(), name: v.name.trim(), email: v.email.trim(), password: v.password } }))
    await leave('/setup?step=provider')
  }
  return (
    <Form onSubmit={() => void form.submit(send)}>
      {!token && (
        <Field label="Setup token" hint="The gateway printed it when it started; `dragoman setup-token` makes a new one." error={form.errors.token}>
          <Input autoComplete="off" spellCheck={false} className="font-mono" value={form.values.token} onChange={(e) => form.set({ token: e.target.value })} />
        </Field>
      )}
      <Field label="Organisation" error={form.errors.organization}>
        <Input autoFocus autoComplete="organization" value={form.values.organization} onChange={(e) => form.set({ organization: e.target.value })} />
      </Field>
      <Field label="Your name" error={form.errors.name}>
        <Input autoComplete="name" value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
      </Field>
      <Field label="E-mail" hint="You sign in with it. Nothing is sent to it." error={form.errors.email}>
        <Input type="email" autoComplete="username" value={form.values.email} onChange={(e) => form.set({ email: e.target.value })} />
      </Field>
      <Field label="Password" hint="At least 10 characters." error={form.errors.password}>
        <Input type="password" autoComplete="new-password" value={form.values.password} onChange={(e) => form.set({ password: e.target.value })} />
      </Field>
      {(form.errors.form || (token && form.errors.token)) && <Note kind="bad">{form.errors.form ?? form.errors.token}</Note>}
      <Button kind="primary" type="submit" busy={form.busy}>
        Continue
      </Button>
    </Form>
  )
}
