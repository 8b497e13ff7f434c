import { useForm } from '@/lib/form'
import type { Workspace } from '@/lib/queries'
import { Button } from '@/ui/Button'
import { Dialog, FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Input } from '@/ui/Input'
import { Note } from '@/ui/Panel'
import { toast } from '@/ui/Toast'
import { Checkbox } from '@/ui/Toggle'
import { type Interval, intervals } from './intervals'
import { useWorkspaceActions } from './queries'

type Props = { workspace: Workspace; interval: Interval; limit: number | undefined; byok: boolean; onClose: () => void }
type Values = { limit_usd: string; byok: boolean }

/** Sets a budget, or takes it away, which can be undone. */
export function BudgetDialog({ workspace: w, interval, limit, byok, onClose }: Props) {
  const { setBudget, removeBudget } = useWorkspaceActions()
  const form = useForm<Values>({ limit_usd: limit === undefined ? '' : String(limit), byok }, (v) => ({
    limit_usd: /^\d+(\.\d{1,9})?$/.test(v.limit_usd) && Number(v.limit_usd) > 0 ? undefined : 'An amount such as 25 or 2.50',
  }))
  const about = intervals.find((i) => i.id === interval)
  const send = async (v: Values) => {
    await setBudget(w.id, interval, Number(v.limit_usd), v.byok)
    toast('The budget is set')
    onClose()
  }
  const remove = async () => {
    await removeBudget(w.id, interval)
    toast('The budget is removed', { undo: () => void setBudget(w.id, interval, limit ?? 0, byok) })
    onClose()
  }
  return (
    <Dialog
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title={`Budget: ${about?.name.toLowerCase()}`}
      description={`${about?.again}. Shorter windows have smaller budgets.`}
      onSubmit={() => void form.submit(send)}
      busy={form.busy}
      actions={
        <>
          {limit !== undefined && (
            <Button className="mr-auto text-bad" kind="quiet" onClick={() => void form.submit(remove)}>
              Remove budget
            </Button>
          )}
          <FormActions submit="Set budget" busy={form.busy} onCancel={onClose} />
        </>
      }
    >
      <Field label="At most" error={form.errors.limit_usd}>
        <Input autoFocus before="$" inputMode="decimal" value={form.values.limit_usd} onChange={(e) => form.set({ limit_usd: e.target.value.trim() })} />
      </Field>
      <Checkbox label="Count what is paid with own provider keys" hint="At list price; holds for all budgets of the workspace." checked={form.values.byok} onChange={(c) => form.set({ byok: c })} />
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Dialog>
  )
}
