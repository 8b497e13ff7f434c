import { Check } from 'lucide-react'
import { Checkbox as RadixCheckbox, Slider as RadixSlider, Switch as RadixSwitch } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import { useField } from './Field'

type ToggleProps = { checked: boolean; onChange: (checked: boolean) => void; label: ReactNode; hint?: ReactNode; disabled?: boolean }

/** A yes or no that is sent with its form. */
export function Checkbox(props: ToggleProps) {
  return <Labelled {...props}>{(id, about) => <Tick id={id} about={about} checked={props.checked} onChange={props.onChange} disabled={props.disabled} />}</Labelled>
}

/** The box alone, where what is ticked stands beside it: in a row of a table. */
export function Tick(props: Pick<ToggleProps, 'checked' | 'onChange' | 'disabled'> & { label?: string; id?: string; about?: string }) {
  return (
    <RadixCheckbox.Root
      id={props.id}
      aria-label={props.label}
      aria-describedby={props.about}
      checked={props.checked}
      onCheckedChange={(c) => props.onChange(c === true)}
      disabled={props.disabled}
      className="grid size-4.5 shrink-0 place-items-center rounded-sm border border-edge bg-surface data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-50"
    >
      <RadixCheckbox.Indicator>
        <Check className="size-3.5 text-on-accent" strokeWidth={3} aria-hidden />
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  )
}

/** A yes or no that holds at once. */
export function Switch(props: ToggleProps) {
  return (
    <Labelled {...props}>
      {(id, about) => (
        <RadixSwitch.Root
          id={id}
          aria-describedby={about}
          checked={props.checked}
          onCheckedChange={props.onChange}
          disabled={props.disabled}
          className="relative h-5 w-9 shrink-0 rounded-full border border-edge bg-sunken transition-colors data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-50"
        >
          <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-edge transition-transform data-[state=checked]:translate-x-4.5 data-[state=checked]:bg-on-accent" />
        </RadixSwitch.Root>
      )}
    </Labelled>
  )
}

function Labelled({ label, hint, children }: ToggleProps & { children: (id: string, about?: string) => ReactNode }) {
  const id = useId()
  const about = hint ? `${id}-about` : undefined
  return (
    <div className="flex items-start gap-2.5">
      <span className="flex h-5.5 items-center">{children(id, about)}</span>
      <div className="min-w-0">
        <label htmlFor={id}>{label}</label>
        {hint && (
          <p id={about} className="text-sm text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  )
}

/** A number between two ends. */
export function Slider(props: { value: number; onChange: (value: number) => void; min: number; max: number; step?: number; label: string }) {
  const { 'aria-describedby': about } = useField()
  return (
    <RadixSlider.Root
      value={[props.value]}
      onValueChange={([v]) => v !== undefined && props.onChange(v)}
      min={props.min}
      max={props.max}
      step={props.step ?? 1}
      className="relative flex h-(--control) w-full touch-none items-center select-none"
    >
      <RadixSlider.Track className="relative h-1.5 flex-1 rounded-full bg-line">
        <RadixSlider.Range className="absolute h-full rounded-full bg-accent" />
      </RadixSlider.Track>
      <RadixSlider.Thumb aria-label={props.label} aria-describedby={about} className="block size-4.5 rounded-full border-2 border-accent bg-surface" />
    </RadixSlider.Root>
  )
}
