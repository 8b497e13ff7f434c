import { LogIn } from 'lucide-react'
import { roleLabel } from '@/lib/roles'
import { Count, None } from '@/ui/Format'
import { Copied } from '@/ui/Code'
import { EmptyState, Facts, Panel } from '@/ui/Panel'
import { type Column, PlainTable } from '@/ui/Table'
import type { Provider } from './queries'

/** Sign-in providers, which are set up in the configuration. */
export function Providers({ list }: { list: readonly Provider[] }) {
  if (list.length === 0) {
    return (
      <EmptyState icon={LogIn} title="No sign-in provider">
        Members of this organisation sign in with a password or a passkey. Whoever runs the gateway adds OpenID Connect providers in its configuration, under sign_in.
      </EmptyState>
    )
  }
  return list.map((p) => (
    <Panel key={p.id} title={p.name} about="From the gateway’s configuration.">
      <div className="flex flex-col gap-4">
        <Facts
          rows={[
            ['Issuer', <Copied key="issuer" text={p.issuer} label="Copy the issuer" />],
            ['Client', <Copied key="client" text={p.client_id} label="Copy the client id" />],
            ['Callback', <Copied key="callback" text={p.callback_url} label="Copy the callback address" />],
            ['Vouches for', p.domains.map((d) => (d === '*' ? 'every address' : `@${d}`)).join(', ') || <None key="domains" />],
            ['Verified addresses', p.trust_email ? 'also where the provider does not say so' : 'only where the provider says so'],
            ['Who is no member', p.create ? 'becomes one' : 'is not let in'],
            ['Role', p.groups.some((g) => g.role) ? `of their groups, else ${roleLabel(p.role)}` : roleLabel(p.role)],
            ['Members who use it', <Count key="people" n={p.people} />],
          ]}
        />
        {p.groups.length > 0 && <PlainTable label={`Groups of ${p.name}`} columns={columns} rows={p.groups} rowKey={(g) => g.group} />}
      </div>
    </Panel>
  ))
}

type Rule = Provider['groups'][number]

const columns: Column<Rule>[] = [
  { id: 'group', name: 'Group', width: '1fr', cell: (g) => <span className="font-medium">{g.group}</span> },
  { id: 'role', name: 'Role', width: '8rem', cell: (g) => (g.role ? roleLabel(g.role as Provider['role']) : <None />) },
  { id: 'workspaces', name: 'Workspaces', width: '1fr', cell: (g) => g.workspaces.join(', ') || <None /> },
]
