import type { ReactNode } from 'react'
import { Button } from './Button'
import { Code } from './Code'
import { Dialog } from './Dialog'
import { Note } from './Panel'

/** A secret, for the only time. `children` say what it is; `below` stands under it. */
export function Once(props: { title: string; text: string | null; label: string; onClose: () => void; children: ReactNode; below?: ReactNode }) {
  if (props.text === null) return null
  return (
    <Dialog
      open
      keep
      onOpenChange={props.onClose}
      title={props.title}
      actions={
        <Button kind="primary" onClick={props.onClose}>
          I have copied it
        </Button>
      }
    >
      <Note kind="warn">{props.children}</Note>
      <Code text={props.text} label={props.label} wrap />
      {props.below}
    </Dialog>
  )
}
