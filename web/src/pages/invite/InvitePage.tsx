import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Gate } from '@/app/Gate'
import { useLeave } from '@/app/leave'
import { api, ask } from '@/lib/api'
import { useForm } from '@/lib/form'
import { takeFragment, weakness } from '@/lib/safe'
import { asksForCode, sessionQuery } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'

const kept = 'dragoman.invitation' // while its person signs in, in this tab alone

function takeToken(): string {
  const token = takeFragment('token')
  if (token) sessionStorage.setItem(kept, token)
  return token || (sessionStorage.getItem(kept) ?? '')
}

export function InvitePage() {
  const [token] = useState(takeToken)
  const { data: session } = useSuspenseQuery(sessionQuery)
  const leave = useLeave()
  if (!token) {
    return (
      <Gate title="Invitation" about="This link has no invitation in it. Open the whole link that you were sent.">
        {null}
      </Gate>
    )
  }
  const accept: Accept = async (more) => {
    await ask(api.POST('/invitations/accept', { body: { token, ...more } }))
    sessionStorage.removeItem(kept)
    await leave('/')
  }
  return session ? <Join email={session.person.email} accept={accept} /> : <Begin accept={accept} />
}

type Accept = (more: { name?: string; password?: string; code?: string }) => Promise<void>

/** For who is signed in. */
function Join({ email, accept }: { email: string; accept: Accept }) {
  const form = useForm({})
  return (
    <Gate title="Welcome" about={`You are signed in as ${email}. Accept the invitation to join the organisation.`}>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
      <Button kind="primary" busy={form.busy} onClick={() => void form.submit(accept)}>
        Accept the invitation
      </Button>
    </Gate>
  )
}

/** For who is new here, knows the password, or lost it: the link says which, and only the gateway knows. */
function Begin({ accept }: { accept: Accept }) {
  const [needsCode, setNeedsCode] = useState(false)
  const form = useForm({ name: '', password: '', code: '' }, (v) => ({ password: weakness(v.password) }))
  const send = async (v: typeof form.values) => {
    try {
      await accept({ name: v.name.trim(), password: v.password, code: v.code.trim() || undefined })
    } catch (e) {
      if (needsCode || !asksForCode(e)) throw e
      setNeedsCode(true)
    }
  }
  return (
    <Gate title="Welcome" about="Choose a password. If you have one here and are invited to another organisation, enter that.">
      <Form onSubmit={() => void form.submit(send)}>
        <Field label="Name" optional hint="What others see, if you are new here." error={form.errors.name}>
          <Input autoFocus autoComplete="name" value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
        </Field>
        <Field label="Password" hint="At least 10 characters." error={form.errors.password}>
          <Input type="password" autoComplete="new-password" value={form.values.password} onChange={(e) => form.set({ password: e.target.value })} />
        </Field>
        {needsCode && (
          <Field label="Code" hint="Six digits from your authenticator app, or a recovery code." error={form.errors.code}>
            <Input autoFocus autoComplete="one-time-code" value={form.values.code} onChange={(e) => form.set({ code: e.target.value })} />
          </Field>
        )}
        {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
        <Button kind="primary" type="submit" busy={form.busy}>
          Continue
        </Button>
      </Form>
      <p className="text-sm text-muted">
        You have an account here?{' '}
        <Link to="/signin" search={{ to: '/invite' }} className="text-accent underline underline-offset-2">
          Sign in first
        </Link>
      </p>
    </Gate>
  )
}
