import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Square } from 'lucide-react'
import type { ReactNode } from 'react'
import { GenerationLink } from '@/app/GenerationLink'
import { type Model, modelsQuery } from '@/lib/queries'
import { Button, buttonClass } from '@/ui/Button'
import { Combobox } from '@/ui/Combobox'
import { Field } from '@/ui/Field'
import { Duration, Money, Tokens } from '@/ui/Format'
import { EmptyState, ErrorState, Note, SkeletonLines } from '@/ui/Panel'
import type { Outcome } from './calls'

/** What a playground needs before it shows anything: models that give a kind of output. */
export function WithModels({ output, about, children }: { output: string; about: string; children: (models: readonly Model[]) => ReactNode }) {
  const { data, error, refetch } = useQuery(modelsQuery())
  const models = data?.filter((m) => m.architecture.output_modalities.includes(output))
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!models) return <SkeletonLines />
  if (models.length === 0) {
    const there = (
      <Link to="/models" search={{ outputs: [output], all: true }} className={buttonClass()}>
        See which there are
      </Link>
    )
    return (
      <EmptyState title={`No model ${about}`} action={there}>
        None that can be used now. A provider’s key makes its models available.
      </EmptyState>
    )
  }
  return children(models)
}

export function ModelField({ models, value, onChange }: { models: readonly Model[]; value: string; onChange: (id: string) => void }) {
  return (
    <Field label="Model">
      <Combobox label="Model" placeholder="Choose a model" value={value} onChange={(id) => id && onChange(id)} choices={models.map((m) => ({ value: m.id, label: m.name, note: m.id.split('/', 1)[0] }))} />
    </Field>
  )
}

/** The button that does it, and while it is done, the one that stops it. */
export function RunButton({ busy, ready, onStop, children }: { busy: boolean; ready: boolean; onStop: () => void; children: string }) {
  return (
    <div className="flex gap-2">
      <Button kind="primary" type="submit" busy={busy} disabled={!ready}>
        {children}
      </Button>
      {busy && (
        <Button icon={Square} onClick={onStop}>
          Stop
        </Button>
      )}
    </div>
  )
}

/** What an answer took. */
export function Took({ outcome: o }: { outcome: Outcome<unknown> }) {
  const facts: ReactNode[] = [o.provider, <Duration ms={o.ms} />]
  if (o.tokens !== undefined) facts.push(<span><Tokens n={o.tokens} /> tokens</span>)
  if (o.cost !== undefined) facts.push(<Money amount={o.cost} />)
  if (o.generation) facts.push(<GenerationLink id={o.generation} />)
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-x-1.5 text-sm text-muted">
      {facts.filter(Boolean).map((fact, i) => (
        <span key={i} className="flex min-w-0 items-center gap-1.5">
          {i > 0 && <span aria-hidden>·</span>}
          {fact}
        </span>
      ))}
    </p>
  )
}

export function Failed({ error }: { error: Error | null }) {
  return error && <Note kind="bad">{error.message}</Note>
}
