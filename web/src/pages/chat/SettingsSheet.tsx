import { useForm } from '@/lib/form'
import { Button } from '@/ui/Button'
import { FormActions, Sheet } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Textarea } from '@/ui/Input'
import type { Chat } from './state/chat'
import { toolsError } from './state/request'

const example = `[
  {
    "type": "function",
    "function": {
      "name": "get_weather",
      "description": "The weather in a city, now",
      "parameters": {
        "type": "object",
        "properties": { "city": { "type": "string" } },
        "required": ["city"]
      }
    }
  }
]`

/** What all models of a conversation are told: the system prompt and the tools. */
export function SettingsSheet({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const { system, tools } = chat.conversation
  const { values, set, errors, submit } = useForm({ system, tools }, (v) => ({ tools: toolsError(v.tools) }))
  const save = () =>
    submit(async (v) => {
      chat.change(v)
      onClose()
    })
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title="System prompt and tools"
      description="For all models of this conversation."
      onSubmit={() => void save()}
      actions={<FormActions submit="Save" onCancel={onClose} />}
    >
      <Field label="System prompt" optional>
        <Textarea rows={6} value={values.system} onChange={(e) => set({ system: e.target.value })} placeholder="You answer in one paragraph." />
      </Field>
      <Field label="Tools" optional error={errors.tools} hint="Functions as JSON. Nothing is run: calls are shown, and you give their results.">
        <Textarea rows={14} spellCheck={false} className="font-mono text-sm" value={values.tools} onChange={(e) => set({ tools: e.target.value })} />
      </Field>
      {!values.tools.trim() && (
        <Button small className="self-start" onClick={() => set({ tools: example })}>
          Begin with an example
        </Button>
      )}
    </Sheet>
  )
}
