import { useMutation } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, ask, messageOf } from '@/lib/api'
import { useForm } from '@/lib/form'
import { qrPath } from '@/lib/qr'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button } from '@/ui/Button'
import { Code } from '@/ui/Code'
import { Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Panel } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { useRefreshMe } from './me'

type Secret = { secret: string; url: string }

/** The second factor: codes of an authenticator app (RFC 6238). */
export function Totp() {
  const { person } = useSession()
  const [off, setOff] = useState(false)
  const begin = useMutation({ mutationFn: async () => (await ask(api.POST('/me/totp'))).data, onError: (e) => toast(messageOf(e), { bad: true }) })
  return (
    <Panel
      title="Authenticator app"
      about="After your password, a code that changes every 30 seconds."
      actions={
        person.totp ? (
          <>
            <Badge tone="good">On</Badge>
            <Button small onClick={() => setOff(true)}>
              Turn off
            </Button>
          </>
        ) : (
          <Button small busy={begin.isPending} onClick={() => begin.mutate()}>
            Turn on
          </Button>
        )
      }
    >
      <p className="text-sm text-muted">{person.totp ? 'You are asked for a code when you sign in with your password. Recovery codes work once each.' : 'Not set. A password alone is enough to sign in as you.'}</p>
      {begin.data && <TurnOn secret={begin.data} onClose={() => begin.reset()} />}
      <TurnOff open={off} onOpenChange={setOff} />
    </Panel>
  )
}

function TurnOn({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const refresh = useRefreshMe()
  const [codes, setCodes] = useState<string[]>([])
  const form = useForm({ code: '' }, (v) => ({ code: /^\d{6}$/.test(v.code.trim()) ? undefined : 'The six digits that the app shows' }))
  const qr = useMemo(() => qrPath(secret.url), [secret.url])
  const confirm = async (v: { code: string }) => {
    const { data } = await ask(api.POST('/me/totp/confirm', { body: { code: v.code.trim() } }))
    setCodes(data.recovery_codes)
    await refresh()
  }
  if (codes.length > 0) {
    return (
      <Dialog open keep onOpenChange={onClose} title="Keep your recovery codes" description="Each works once instead of a code. They are shown this once." actions={<Button kind="primary" onClick={onClose}>I have kept them</Button>}>
        <Code text={codes.join('\n')} label="Recovery codes" />
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      keep
      onOpenChange={onClose}
      title="Turn on the authenticator"
      description="Scan the code with your app, or type the secret into it."
      onSubmit={() => void form.submit(confirm)}
      busy={form.busy}
      actions={<FormActions submit="Turn on" busy={form.busy} onCancel={onClose} />}
    >
      <svg viewBox={`0 0 ${qr.size} ${qr.size}`} role="img" aria-label="QR code of the secret" className="mx-auto size-48 rounded-md bg-white" shapeRendering="crispEdges">
        <path d={qr.path} fill="#000" />
      </svg>
      <Code text={secret.secret} label="Secret" />
      <Field label="Code" error={form.errors.code ?? form.errors.form}>
        <Input inputMode="numeric" autoComplete="one-time-code" maxLength={8} value={form.values.code} onChange={(e) => form.set({ code: e.target.value })} />
      </Field>
    </Dialog>
  )
}

function TurnOff({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const refresh = useRefreshMe()
  const form = useForm({ password: '' }, (v) => ({ password: v.password ? undefined : 'Your password' }))
  const send = async (v: { password: string }) => {
    await ask(api.DELETE('/me/totp', { body: { password: v.password } }))
    await refresh()
    form.reset()
    onOpenChange(false)
    toast('The authenticator is off')
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Turn off the authenticator?"
      description="Your password alone will be enough. The recovery codes stop working."
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={<FormActions submit="Turn off" busy={form.busy} danger onCancel={() => onOpenChange(false)} />}
    >
      <Field label="Password" error={form.errors.password ?? form.errors.form}>
        <Input type="password" autoComplete="current-password" value={form.values.password} onChange={(e) => form.set({ password: e.target.value })} />
      </Field>
    </Dialog>
  )
}
