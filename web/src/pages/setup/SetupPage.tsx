import { getRouteApi } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { Gate } from '@/app/Gate'
import { cx } from '@/ui/cx'
import { FirstCall } from './FirstCall'
import { OwnerStep } from './OwnerStep'
import { ProviderStep } from './ProviderStep'

const route = getRouteApi('/setup')

const steps = [
  { id: undefined, name: 'Owner', title: 'Set up Dragoman', about: 'One key and one API in front of every model provider. You become the owner of this gateway.' },
  { id: 'provider', name: 'Provider', title: 'Add a provider’s key', about: 'The gateway calls the provider with it. You can add more later, or do without for now.' },
  { id: 'call', name: 'First call', title: 'Make a first call', about: 'This goes the way of every request: routed, held against your credit, billed and recorded.' },
] as const

export function SetupPage() {
  const { step } = route.useSearch()
  const at = steps.findIndex((s) => s.id === step)
  const { title, about } = steps[at]!
  return (
    <Gate title={title} about={about} wide={step === 'call'}>
      <ol className="-mt-2 flex gap-5 text-sm" aria-label="Steps">
        {steps.map((s, i) => (
          <li key={s.name} aria-current={i === at ? 'step' : undefined} className={cx('flex items-center gap-1.5', i === at ? 'font-medium' : 'text-muted')}>
            <span className={cx('num grid size-5 place-items-center rounded-full text-xs', i <= at ? 'bg-accent text-on-accent' : 'bg-hover')}>
              {i < at ? <Check className="size-3" strokeWidth={3} aria-label="done" /> : i + 1}
            </span>
            {s.name}
          </li>
        ))}
      </ol>
      {step === undefined && <OwnerStep />}
      {step === 'provider' && <ProviderStep />}
      {step === 'call' && <FirstCall />}
    </Gate>
  )
}
