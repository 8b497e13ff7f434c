import { useChoices } from '@/lib/choices'
import { useForm } from '@/lib/form'
import type { Workspace } from '@/lib/queries'
import { Combobox } from '@/ui/Combobox'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Note } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { toast } from '@/ui/Toast'
import { groupsQuery, type Mapping, useIdentityActions } from './queries'

/** Puts the members of a group into a workspace. */
export function MappingSheet({ workspaces, onClose }: { workspaces: readonly Workspace[]; onClose: () => void }) {
  const { map } = useIdentityActions()
  const groups = useChoices(groupsQuery)
  const others = workspaces.filter((w) => w.slug !== 'default')
  const form = useForm<Pick<Mapping, 'scim_group_id' | 'workspace_id' | 'role'>>({ scim_group_id: '', workspace_id: others[0]?.id ?? '', role: 'member' }, (v) => ({
    scim_group_id: v.scim_group_id ? undefined : 'Choose a group',
    workspace_id: v.workspace_id ? undefined : 'Make a workspace first: everybody is in the default one',
  }))
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title="Map a group"
      onSubmit={() =>
        void form.submit(async (v) => {
          await map(v)
          toast('The group is mapped')
          onClose()
        })
      }
      actions={<FormActions submit="Map" busy={form.busy} onCancel={onClose} />}
    >
      <Field label="Group" error={form.errors.scim_group_id}>
        <Combobox label="Group" placeholder="Choose a group" value={form.values.scim_group_id} onChange={(scim_group_id) => form.set({ scim_group_id })} onOpen={groups.onOpen} choices={groups.list?.map((g) => ({ value: g.id, label: g.display_name }))} />
      </Field>
      <Field label="Workspace" hint="Its members are there as long as they are in the group." error={form.errors.workspace_id}>
        <Select value={form.values.workspace_id} onChange={(workspace_id) => form.set({ workspace_id })} options={others.map((w) => ({ value: w.id, label: w.name }))} />
      </Field>
      <Field label="Role in the workspace" error={form.errors.role}>
        <Select
          value={form.values.role}
          onChange={(role) => form.set({ role })}
          options={[
            { value: 'member', label: 'Member' },
            { value: 'admin', label: 'Admin' },
          ]}
        />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
    </Sheet>
  )
}
