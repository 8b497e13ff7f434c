import { setAppearance, useAppearance } from '@/lib/appearance'
import { densities, themes } from '@/app/AccountMenu'
import { api, ask } from '@/lib/api'
import { useForm } from '@/lib/form'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Input } from '@/ui/Input'
import { Note, Panel } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'
import { toast } from '@/ui/Toast'
import { useRefreshMe } from './me'

export function Profile() {
  const { person } = useSession()
  const { theme, density } = useAppearance()
  const refresh = useRefreshMe()
  const form = useForm({ name: person.name }, (v) => ({ name: v.name.trim() ? undefined : 'A name, as others see it' }))
  return (
    <div className="flex flex-col gap-4">
      <Panel title="You">
        <Form
          onSubmit={() =>
            void form.submit(async (v) => {
              await ask(api.PATCH('/me', { body: { name: v.name.trim() } }))
              await refresh()
              toast('Your name is changed')
            })
          }
        >
          <Field label="Name" error={form.errors.name}>
            <Input autoComplete="name" value={form.values.name} onChange={(e) => form.set({ name: e.target.value })} />
          </Field>
          <Field label="E-mail" hint="You sign in with it. It cannot be changed here.">
            <Input readOnly value={person.email} />
          </Field>
          {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
          <Button kind="primary" type="submit" className="self-start" busy={form.busy} disabled={form.values.name === person.name}>
            Save
          </Button>
        </Form>
      </Panel>
      <Panel title="Appearance" about="Kept in this browser.">
        <div className="flex flex-wrap gap-x-8 gap-y-4">
          <Segments label="Theme" value={theme} onChange={(t) => setAppearance({ theme: t })} options={themes} />
          <Segments label="Density" value={density} onChange={(d) => setAppearance({ density: d })} options={densities} />
        </div>
      </Panel>
    </div>
  )
}
