import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from '@/lib/form'
import { Button } from '@/ui/Button'
import { FormActions } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Form } from '@/ui/Form'
import { Time } from '@/ui/Format'
import { Textarea } from '@/ui/Input'
import { Note, Panel } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { toast } from '@/ui/Toast'
import { feedbackCategories, type FeedbackCategory, type Generation, generationQuery, sendFeedback } from './queries'

const names: Record<FeedbackCategory, string> = {
  latency: 'Too slow',
  incoherence: 'Incoherent',
  incorrect_response: 'Wrong answer',
  formatting: 'Badly formatted',
  billing: 'Wrong bill',
  api_error: 'Error of the API',
  other: 'Something else',
}

/** What somebody said of the answer; the last word counts. */
export function Feedback({ of: g }: { of: Generation }) {
  const { feedback } = g.dragoman
  const [open, setOpen] = useState(false)
  return (
    <Panel
      title="Feedback"
      actions={
        !open && (
          <Button small onClick={() => setOpen(true)}>
            {feedback ? 'Change' : 'Say what is wrong'}
          </Button>
        )
      }
    >
      {open ? (
        <FeedbackForm of={g} onClose={() => setOpen(false)} />
      ) : feedback ? (
        <div className="text-sm">
          <p className="font-medium">{names[feedback.category as FeedbackCategory] ?? feedback.category}</p>
          {feedback.comment && <p className="mt-1 break-words whitespace-pre-wrap">{feedback.comment}</p>}
          <p className="mt-1 text-muted">
            <Time at={feedback.created_at} />
          </p>
        </div>
      ) : (
        <p className="text-sm text-muted">Nobody has said anything of this answer.</p>
      )}
    </Panel>
  )
}

function FeedbackForm({ of: g, onClose }: { of: Generation; onClose: () => void }) {
  const client = useQueryClient()
  const { feedback } = g.dragoman
  const form = useForm({ category: (feedback?.category ?? 'incorrect_response') as FeedbackCategory, comment: feedback?.comment ?? '' }, (v) => ({
    comment: v.comment.length > 1000 ? 'At most 1000 characters' : undefined,
  }))
  const send = () =>
    form.submit(async (v) => {
      await sendFeedback(g.id, v.category, v.comment.trim())
      await client.invalidateQueries({ queryKey: generationQuery(g.id).queryKey, exact: true })
      toast('The feedback is kept')
      onClose()
    })
  return (
    <Form className="flex flex-col gap-3" onSubmit={() => void send()}>
      <Field label="What is wrong">
        <Select value={form.values.category} onChange={(category) => form.set({ category })} options={feedbackCategories.map((value) => ({ value, label: names[value] }))} />
      </Field>
      <Field label="Comment" optional error={form.errors.comment} hint="It is kept as it is; leave out what should not be.">
        <Textarea rows={3} value={form.values.comment} onChange={(e) => form.set({ comment: e.target.value })} />
      </Field>
      {form.errors.form && <Note kind="bad">{form.errors.form}</Note>}
      <div className="flex justify-end gap-2">
        <FormActions submit="Keep it" busy={form.busy} onCancel={onClose} />
      </div>
    </Form>
  )
}
