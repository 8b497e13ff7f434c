import { useQuery } from '@tanstack/react-query'
import { SlidersHorizontal } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '@/ui/Button'
import { type Choice, MultiCombobox } from '@/ui/Combobox'
import { cx } from '@/ui/cx'
import { Field } from '@/ui/Field'
import { Input, SearchInput } from '@/ui/Input'
import { Popover } from '@/ui/Popover'
import { Select } from '@/ui/Select'
import { Segments } from '@/ui/Tabs'
import { type Facets, facetsQuery } from './queries'
import type { LogSearch } from './route'
import { type Span, spanNames } from './spans'

type Props = { search: LogSearch; set: (change: LogSearch) => void }

/** How many filters are in force. */
export function filtersIn({ columns: _, live: __, open: ___, ...filters }: LogSearch): number {
  return Object.values(filters).filter((v) => v !== undefined).length
}

/** The search box and the filters; on a phone most of them are behind a button. */
export function LogFilters({ search, set }: Props) {
  const { data: facets } = useQuery(facetsQuery)
  const [open, setOpen] = useState(false)
  const active = filtersIn(search)
  const facet = (name: keyof Facets, value: 'model' | 'provider' | 'key' | 'member' | 'app', label: string) => (
    <MultiCombobox
      small
      className="md:w-34"
      label={`${label}s`}
      placeholder={label}
      value={search[value] ?? []}
      onChange={(v) => set({ [value]: v.length ? v : undefined })}
      choices={choicesOf(facets?.[name])}
    />
  )
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <IdSearch value={search.q ?? ''} onChange={(q) => set({ q: q || undefined })} />
        <Segments
          label="Status"
          value={search.status ?? 'all'}
          onChange={(to) => set({ status: to === 'all' ? undefined : to })}
          options={[
            { value: 'all', label: 'All' },
            { value: 'ok', label: 'OK' },
            { value: 'error', label: 'Errors' },
            { value: 'cancelled', label: 'Cancelled' },
          ]}
        />
        <Button icon={SlidersHorizontal} aria-expanded={open} onClick={() => setOpen(!open)} className="md:hidden">
          Filters{active > 0 && ` (${active})`}
        </Button>
      </div>
      <div className={cx('grid-cols-2 gap-2 md:flex md:flex-wrap md:items-center', open ? 'grid' : 'hidden')}>
        <Period search={search} set={set} />
        {facet('model', 'model', 'Model')}
        {facet('provider', 'provider', 'Provider')}
        {facet('api_key_hash', 'key', 'Key')}
        {(facets?.user_id.length ?? 0) > 0 && facet('user_id', 'member', 'Member')}
        {facet('app', 'app', 'App')}
        <More search={search} set={set} />
        {active > 0 && (
          <Button kind="quiet" small onClick={() => set(nothing)}>
            Clear
          </Button>
        )}
      </div>
    </div>
  )
}

const nothing: LogSearch = {
  q: undefined, last: undefined, from: undefined, to: undefined, status: undefined, model: undefined, provider: undefined, endpoint: undefined, key: undefined,
  member: undefined, app: undefined, outcome: undefined, session: undefined, user: undefined, streamed: undefined, cost: undefined, latency: undefined,
}

/** The search for an id; it is sent when typing pauses. */
function IdSearch({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed.trim() === value) return
    const pause = setTimeout(() => onChange(typed.trim()), 300)
    return () => clearTimeout(pause)
  })
  return <SearchInput label="Search by id" value={typed} onChange={setTyped} className="w-full max-w-sm flex-1 max-md:min-w-48" />
}

function Period({ search, set }: Props) {
  const [custom, setCustom] = useState(Boolean(search.from || search.to))
  const value = search.last ?? (custom ? 'custom' : '')
  const choose = (to: string) => {
    setCustom(to === 'custom')
    set({ last: to === 'custom' || to === '' ? undefined : (to as Span), from: undefined, to: undefined })
  }
  return (
    <>
      <Select
        small
        aria-label="Time"
        className="md:w-38"
        value={value}
        onChange={choose}
        options={[{ value: '', label: 'Any time' }, ...Object.entries(spanNames).map(([v, label]) => ({ value: v, label })), { value: 'custom', label: 'From … to' }]}
      />
      {custom && !search.last && (
        <span className="flex items-center gap-2 max-md:col-span-2">
          <Moment label="From" value={search.from} onChange={(from) => set({ from })} />
          <span className="text-muted">to</span>
          <Moment label="To" value={search.to} onChange={(to) => set({ to })} />
        </span>
      )}
    </>
  )
}

/** A time of the browser's zone; the URL has it in UTC. */
function Moment({ label, value, onChange }: { label: string; value: string | undefined; onChange: (at: string | undefined) => void }) {
  const local = value ? new Date(Date.parse(value) - new Date(value).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : ''
  return (
    <Input
      type="datetime-local"
      aria-label={label}
      className="h-(--control-small)! text-sm"
      value={local}
      onChange={(e) => onChange(e.target.value ? new Date(e.target.value).toISOString() : undefined)}
    />
  )
}

/** The filters that are rarely needed. */
function More({ search, set }: Props) {
  const { data: facets } = useQuery(facetsQuery)
  const rare = [search.endpoint, search.outcome, search.session, search.user, search.streamed, search.cost, search.latency].filter((v) => v !== undefined).length
  const number = (text: string) => (text === '' || Number.isNaN(Number(text)) ? undefined : Number(text))
  return (
    <Popover
      label="More filters"
      className="w-80 p-4"
      trigger={
        <Button small icon={SlidersHorizontal}>
          More{rare > 0 && ` (${rare})`}
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <Field label="Outcome">
          <MultiCombobox label="Outcomes" placeholder="Any" value={search.outcome ?? []} onChange={(v) => set({ outcome: v.length ? v : undefined })} choices={choicesOf(facets?.outcome)} />
        </Field>
        <Field label="Endpoint">
          <MultiCombobox label="Endpoints" placeholder="Any" value={search.endpoint ?? []} onChange={(v) => set({ endpoint: v.length ? v : undefined })} choices={choicesOf(facets?.endpoint)} />
        </Field>
        <Field label="Streamed">
          <Select
            value={search.streamed ?? ''}
            onChange={(v) => set({ streamed: v === '' ? undefined : v })}
            options={[
              { value: '', label: 'Streamed or not' },
              { value: 'yes', label: 'Streamed' },
              { value: 'no', label: 'Not streamed' },
            ]}
          />
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Cost from">
            <Typed before="$" inputMode="decimal" value={search.cost} onChange={(t) => set({ cost: number(t) })} />
          </Field>
          <Field label="Latency from">
            <Typed after="ms" inputMode="numeric" value={search.latency} onChange={(t) => set({ latency: number(t) })} />
          </Field>
        </div>
        <Field label="Session">
          <Typed value={search.session} onChange={(t) => set({ session: t || undefined })} />
        </Field>
        <Field label="User" hint="As the request named it">
          <Typed value={search.user} onChange={(t) => set({ user: t || undefined })} />
        </Field>
      </div>
    </Popover>
  )
}

/** A text that takes effect when it is left, or with Enter. */
function Typed({ value, onChange, ...rest }: { value: string | number | undefined; onChange: (text: string) => void; before?: string; after?: string; inputMode?: 'decimal' | 'numeric' }) {
  const now = value === undefined ? '' : String(value)
  const [typed, setTyped] = useState(now)
  useEffect(() => setTyped(now), [now])
  const send = () => typed.trim() !== now && onChange(typed.trim())
  return <Input {...rest} value={typed} onChange={(e) => setTyped(e.target.value)} onBlur={send} onKeyDown={(e) => e.key === 'Enter' && send()} />
}

function choicesOf(facet: Facets[keyof Facets] | undefined): Choice[] {
  return (facet ?? []).map((f) => ({ value: f.value, label: f.label ?? f.value, note: f.requests.toLocaleString('en-US', { notation: 'compact' }) }))
}
