import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { Gate, Or } from '@/app/Gate'
import { useLeave } from '@/app/leave'
import { api, ask, messageOf } from '@/lib/api'
import { useForm } from '@/lib/form'
import { passkeysWork, showPasskey, wasDismissed } from '@/lib/passkey'
import { ownPath } from '@/lib/safe'
import { asksForCode, signInOptionsQuery } from '@/lib/session'
import { Button, buttonClass } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'

const route = getRouteApi('/signin')

export function SignInPage() {
  const { data: options } = useSuspenseQuery(signInOptionsQuery)
  const { to, error } = route.useSearch()
  const leave = useLeave()
  const done = () => leave(ownPath(to))
  const passkeys = options.passkeys && passkeysWork()
  return (
    <Gate title="Sign in">
      {error && <Note kind="bad">{providerError(error)}</Note>}
      {options.password && <PasswordForm onDone={done} />}
      {options.password && (passkeys || options.oidc.length > 0) && <Or />}
      <div className="flex flex-col gap-2">
        {passkeys && <PasskeyButton onDone={done} />}
        {options.oidc.map((p) => (
          <a key={p.id} href={`/api/v1/session/oidc/${encodeURIComponent(p.id)}?return=${encodeURIComponent(ownPath(to))}`} className={buttonClass()}>
            Continue with {p.name}
          </a>
        ))}
      </div>
    </Gate>
  )
}

/** E-mail and password, then the second factor where there is one. */
function PasswordForm({ onDone }: { onDone: () => Promise<void> }) {
  const [needsCode, setNeedsCode] = useState(false)
  const form = useForm({ email: '', password: '', code: '' }, (v) => ({
    email: v.email ? undefined : 'Your e-mail address',
    password: v.password ? undefined : 'Your password',
    code: needsCode && !v.code ? 'The code of your authenticator, or a recovery code' : undefined,
  }))
  const send = async (v: typeof form.values) => {
    try {
      await ask(api.POST('/session', { body: { email: v.email.trim(), password: v.password, code: v.code.trim() || undefined } }))
    } catch (e) {
      if (needsCode || !asksForCode(e)) throw e
      setNeedsCode(true)
      return
    }
    await onDone()
  }
  return (
    <Form onSubmit={() => void form.submit(send)}>
      {needsCode ? (
        <Field label="Code" hint="Six digits from your authenticator app, or a recovery code." error={form.errors.code}>
          <Input autoFocus autoComplete="one-time-code" inputMode="text" value={form.values.code} onChange={(e) => form.set({ code: e.target.value })} />
        </Field>
      ) : (
        <>
          <Field label="E-mail" error={form.errors.email}>
            <Input type="email" autoFocus autoComplete="username" value={form.values.email} onChange={(e) => form.set({ email: e.target.value })} />
          </Field>
          <Field label="Password" error={form.errors.password}>
            <Input type="password" autoComplete="current-password" value={form.values.password} onChange={(e) => form.set({ password: e.target.value })} />
          </Field>
        </>
      )}
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
      <Button kind="primary" type="submit" busy={form.busy}>
        Sign in
      </Button>
    </Form>
  )
}

function PasskeyButton({ onDone }: { onDone: () => Promise<void> }) {
  const signIn = useMutation({
    mutationFn: async () => {
      const { data } = await ask(api.POST('/session/passkey/options'))
      await ask(api.POST('/session/passkey', { body: await showPasskey(data) }))
    },
    onSuccess: onDone,
  })
  return (
    <>
      <Button icon={KeyRound} busy={signIn.isPending} onClick={() => signIn.mutate()}>
        Use a passkey
      </Button>
      {signIn.error && !wasDismissed(signIn.error) && <Note kind="bad">{messageOf(signIn.error)}</Note>}
    </>
  )
}

/** The address says why, but anybody can write an address: only a plain word of it is shown. */
function providerError(code: string): string {
  if (code === 'bound') return 'Your address belongs to somebody who signs in with another account of a provider. Use that account, or ask who runs this gateway to unlink it.'
  return `Signing in with the provider failed${/^[a-z_]{1,40}$/.test(code) ? ` (${code.replaceAll('_', ' ')})` : ''}. Try again, or ask who runs this gateway.`
}
