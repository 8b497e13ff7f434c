import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { actorName } from '@/lib/actor'
import { useSession } from '@/lib/session'
import { Badge } from '@/ui/Badge'
import { Button, IconButton } from '@/ui/Button'
import { Code } from '@/ui/Code'
import { cx } from '@/ui/cx'
import { Confirm } from '@/ui/Dialog'
import { Time } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { PageBody, PageHeader, Panel, SkeletonLines } from '@/ui/Panel'
import { Select } from '@/ui/Select'
import { attempt, toast } from '@/ui/Toast'
import { type Change, presetQuery, usePresetActions, type Version, versionsQuery, type WholePreset } from './queries'
import { VersionSheet } from './VersionSheet'

const route = getRouteApi('/shell/presets/$slug')
const VersionDiff = lazy(() => import('./VersionDiff'))

export function PresetPage() {
  const { slug } = route.useParams()
  const preset = useQuery(presetQuery(slug))
  const versions = useQuery(versionsQuery(slug))
  const head = <PageHeader above={<ToPresets />} title={slug} />
  return (
    <Loaded of={preset} lines={8} within="page" head={head}>
      {(p) => (
        <Loaded of={versions} lines={8} within="page" head={head}>
          {(list) => <Open of={p} versions={list} />}
        </Loaded>
      )}
    </Loaded>
  )
}

function ToPresets() {
  return (
    <Link to="/presets" className="hover:text-ink">
      Presets
    </Link>
  )
}

function Open({ of: p, versions }: { of: WholePreset; versions: Version[] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const { change, remove } = usePresetActions()
  const [removing, setRemoving] = useState(false)
  const write = can('rules:write')
  const used = p.designated_version.version
  const shown = versions.find((v) => v.version === search.version) ?? versions.find((v) => v.version === used) ?? p.designated_version
  const other = versions.find((v) => v.version === search.with)
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const run = (body: Change, said: string, undo: Change) => void attempt(() => change(p.slug, body), said, () => change(p.slug, undo))
  return (
    <>
      <PageHeader
        above={<ToPresets />}
        title={p.name}
        about={p.description}
        actions={
          write && (
            <>
              <Select small aria-label="Status" value={p.status} onChange={(status) => run({ status }, `The preset is ${status}`, { status: p.status })} options={(['active', 'disabled', 'archived'] as const).map((s) => ({ value: s, label: s }))} />
              <IconButton icon={Trash2} label="Delete the preset" onClick={() => setRemoving(true)} />
              {p.status !== 'archived' && (
                <Button kind="primary" icon={Plus} onClick={() => void navigate({ search: (old) => ({ ...old, form: 'version' as const }) })}>
                  New version
                </Button>
              )}
            </>
          )
        }
      />
      <PageBody>
        <div className="grid items-start gap-6 lg:grid-cols-[18rem_minmax(0,1fr)]">
          <Panel title="Versions" flush>
            <ul>
              {versions.map((v) => (
                <li key={v.id} className="border-b border-line last:border-0">
                  <button type="button" aria-pressed={v.version === shown.version} onClick={() => set({ version: v.version === used ? undefined : v.version })} className={cx('flex w-full items-center gap-2 px-4 py-2.5 text-left hover:bg-hover focus-visible:-outline-offset-2', v.version === shown.version && 'bg-chosen')}>
                    <span className="min-w-0 flex-1">
                      <span className="block font-medium">Version {v.version}</span>
                      <span className="block truncate text-xs text-muted">
                        <Time at={v.created_at} /> by {v.created_by_name ?? actorName(v.creator_id)}
                      </span>
                    </span>
                    {v.version === used && <Badge tone="good">in use</Badge>}
                  </button>
                </li>
              ))}
            </ul>
          </Panel>
          <div className="flex min-w-0 flex-col gap-6">
            <Panel
              title={other ? `Version ${other.version} to ${shown.version}` : `Version ${shown.version}`}
              actions={
                <>
                  {versions.length > 1 && (
                    <Select
                      small
                      aria-label="Compare with"
                      value={other ? String(other.version) : ''}
                      onChange={(v) => set({ with: v ? Number(v) : undefined })}
                      options={[{ value: '', label: 'Compare with …' }, ...versions.filter((v) => v !== shown).map((v) => ({ value: String(v.version), label: `Version ${v.version}` }))]}
                    />
                  )}
                  {write && shown.version !== used && (
                    <Button small onClick={() => run({ designated_version: shown.version }, `Version ${shown.version} is in use`, { designated_version: used })}>
                      Use this version
                    </Button>
                  )}
                </>
              }
            >
              {other ? (
                <Suspense fallback={<SkeletonLines lines={6} />}>
                  <VersionDiff from={textOf(other)} to={textOf(shown)} />
                </Suspense>
              ) : (
                <div className="flex flex-col gap-4">
                  {shown.system_prompt && (
                    <section>
                      <h3 className="mb-1.5 text-sm font-medium">System prompt</h3>
                      <p className="rounded-md bg-sunken p-3 text-sm break-words whitespace-pre-wrap">{shown.system_prompt}</p>
                    </section>
                  )}
                  <section>
                    <h3 className="mb-1.5 text-sm font-medium">Settings</h3>
                    <Code text={JSON.stringify(shown.config, null, 2)} label="Settings" />
                  </section>
                </div>
              )}
            </Panel>
            <Panel title="How to use it">
              <div className="flex flex-col gap-3">
                <Code label="With the preset’s model" text={`{"model": "@preset/${p.slug}", "messages": […]}`} />
                <Code label="With another model" text={`{"model": "openai/gpt-4o@preset/${p.slug}", "messages": […]}`} />
                <p className="text-sm text-muted">What a request says itself overrides the preset.</p>
              </div>
            </Panel>
          </div>
        </div>
      </PageBody>
      {search.form === 'version' && write && (
        <VersionSheet
          slug={p.slug}
          last={shown}
          onClose={() => set({ form: undefined })}
          onMade={() => {
            set({ form: undefined, version: undefined, with: undefined })
            toast('The new version is in use')
          }}
        />
      )}
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={`Delete “${p.slug}”?`}
        action="Delete preset"
        type={p.slug}
        onConfirm={async () => {
          await remove(p.slug)
          toast(`${p.slug} is deleted`)
          await navigate({ to: '/presets', search: {} })
        }}
      >
        All its versions go, and requests that name it are refused. Disabling can be undone.
      </Confirm>
    </>
  )
}

/** A version as text to compare. */
function textOf(v: Version): string {
  return `${v.system_prompt ? `${v.system_prompt}\n\n` : ''}${JSON.stringify(v.config, null, 2)}\n`
}
