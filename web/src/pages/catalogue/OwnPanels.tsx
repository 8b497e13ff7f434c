import { useQuery } from '@tanstack/react-query'
import { MoreHorizontal, Pause, Play, Server, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { messageOf } from '@/lib/api'
import { duration } from '@/lib/format'
import { Badge } from '@/ui/Badge'
import { Button, IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Dialog'
import { PerMillion } from '@/ui/Format'
import { Loaded } from '@/ui/Loaded'
import { Menu, MenuItem, MenuSeparator } from '@/ui/Menu'
import { EmptyState, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import { attempt, toast } from '@/ui/Toast'
import { endpointsQuery, type OwnEndpoint, type OwnProvider, ownProvidersQuery, useCatalogueActions } from './queries'

/** Endpoints and providers of one's own. `add` makes the first; with `write` they can be tried, put in force and deleted. */
export function OwnPanels({ write, add }: { write: boolean; add: ReactNode }) {
  const endpoints = useQuery(endpointsQuery)
  const providers = useQuery(ownProvidersQuery)
  const { removeEndpoint, removeProvider, validate, activate, disable } = useCatalogueActions()
  const [removing, setRemoving] = useState<{ name: string; act: () => Promise<unknown> } | null>(null)
  const test = (e: OwnEndpoint) =>
    validate(e.id).then(
      (t) => toast(t.ok ? `${e.model_permaslug} answered in ${duration(t.took_ms)}` : `${e.model_permaslug} failed: ${t.error?.message ?? `status ${t.status}`}`, { bad: !t.ok }),
      (error: unknown) => toast(messageOf(error), { bad: true }),
    )
  const columns: Column<OwnEndpoint>[] = [
    {
      id: 'model',
      name: 'Model',
      width: '1fr',
      cell: (e) => (
        <>
          <div className="font-medium wrap-anywhere">{e.model_permaslug}</div>
          <div className="text-xs wrap-anywhere text-muted">
            {e.provider_slug}, as {e.upstream_model_id}
          </div>
        </>
      ),
    },
    { id: 'status', name: 'Status', width: '5rem', cell: (e) => <Status of={e} /> },
    { id: 'input', name: 'Input / M', width: '6rem', align: 'right', from: 'md', cell: (e) => (e.free ? 'free' : <PerMillion price={e.pricing?.prompt} />) },
    { id: 'output', name: 'Output / M', width: '6rem', align: 'right', from: 'md', cell: (e) => (e.free ? 'free' : <PerMillion price={e.pricing?.completion} />) },
    ...(write
      ? [
          {
            id: 'do',
            name: '',
            width: '6rem',
            align: 'right' as const,
            cell: (e: OwnEndpoint) => (
              <span className="inline-flex items-center gap-1">
                <Button small aria-label={`Test ${e.model_permaslug}`} onClick={() => void test(e)}>
                  Test
                </Button>
                <Menu trigger={<IconButton icon={MoreHorizontal} small tooltip={false} label={`Actions on ${e.model_permaslug}`} />}>
                  {e.status === 'active' ? (
                    <MenuItem icon={Pause} onSelect={() => void attempt(() => disable(e.id), `${e.model_permaslug} is disabled`, () => activate(e.id))}>
                      Disable
                    </MenuItem>
                  ) : (
                    <MenuItem icon={Play} onSelect={() => void attempt(() => activate(e.id), `${e.model_permaslug} can be used`)}>
                      Use it
                    </MenuItem>
                  )}
                  <MenuSeparator />
                  <MenuItem icon={Trash2} danger onSelect={() => setRemoving({ name: e.model_permaslug, act: () => removeEndpoint(e.id) })}>
                    Delete
                  </MenuItem>
                </Menu>
              </span>
            ),
          },
        ]
      : []),
  ]
  return (
    <>
      <Panel title="Own endpoints" flush>
        <Loaded of={endpoints} lines={4} within="panel">
          {(list) =>
            list.length ? (
              <PlainTable label="Own endpoints" columns={columns} rows={list} rowKey={(e) => e.id} />
            ) : (
              <EmptyState icon={Server} title="No endpoint of your own" action={add}>
                vLLM, Ollama, llama.cpp or any server that speaks a known API becomes a model like every other.
              </EmptyState>
            )
          }
        </Loaded>
      </Panel>
      <Loaded of={providers} lines={3}>
        {(list) =>
          list.length > 0 && (
            <Panel title="Own providers" flush>
              <PlainTable label="Own providers" rows={list} rowKey={(p) => p.id} columns={providerColumns(write, (p) => setRemoving({ name: p.slug, act: () => removeProvider(p.id) }))} />
            </Panel>
          )
        }
      </Loaded>
      <Confirm
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Delete ${removing?.name}?`}
        action="Delete"
        onConfirm={async () => {
          if (!removing) return
          await removing.act()
          toast(`${removing.name} is deleted`)
        }}
      >
        Requests no longer go there. Records of requests that did stay.
      </Confirm>
    </>
  )
}

function Status({ of: e }: { of: OwnEndpoint }) {
  if (e.usable) return <Badge tone="good">in use</Badge>
  if (e.status !== 'active') return <Badge>{e.status}</Badge>
  return (
    <span title={e.needs ?? undefined}>
      <Badge tone="warn">{e.needs ?? 'not usable'}</Badge>
    </span>
  )
}

function providerColumns(write: boolean, onRemove: (p: OwnProvider) => void): Column<OwnProvider>[] {
  return [
    { id: 'slug', name: 'Provider', width: 'minmax(7rem, 1fr)', cell: (p) => <span className="font-medium">{p.name ?? p.slug}</span> },
    { id: 'url', name: 'Address', width: '2fr', from: 'md', cell: (p) => <span className="font-mono text-xs wrap-anywhere text-muted">{p.base_url}</span> },
    { id: 'protocol', name: 'Speaks', width: '10rem', from: 'md', cell: (p) => p.protocol },
    { id: 'endpoints', name: 'Endpoints', width: '6rem', align: 'right', cell: (p) => String(p.endpoint_count) },
    ...(write ? [{ id: 'do', name: '', width: '3rem', align: 'right' as const, cell: (p: OwnProvider) => p.endpoint_count === 0 && <IconButton icon={Trash2} small label={`Delete ${p.slug}`} onClick={() => onRemove(p)} /> }] : []),
  ]
}
