import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded } from '@/ui/Loaded'
import { PageBody, PageHeader } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'
import { Providers } from './Providers'
import { Scim } from './Scim'
import { Workloads } from './Workloads'
import { identityQuery } from './queries'

const route = getRouteApi('/shell/identity')

/** Who people and programs are, as others say it: sign-in providers, SCIM, workload identity. */
export function IdentityPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const identity = useQuery(identityQuery)
  const show = (form?: typeof search.form) => void navigate({ search: (old) => ({ ...old, form }) })
  return (
    <>
      <PageHeader width="text" title="Identity" about="People and programs that are known elsewhere, and how they come in here.">
        <Segments
          label="What to show"
          value={search.view ?? 'providers'}
          onChange={(view) => void navigate({ search: { view: view === 'providers' ? undefined : view } })}
          options={[
            { value: 'providers', label: 'Sign-in' },
            { value: 'scim', label: 'SCIM' },
            { value: 'workloads', label: 'Workloads' },
          ]}
        />
      </PageHeader>
      <Loaded of={identity} lines={8} within="page">
        {(known) => (
          <PageBody width="text">
            {search.view === 'scim' ? (
              <Scim of={known.scim} adding={search.form === 'mapping'} onAdd={(on) => show(on ? 'mapping' : undefined)} />
            ) : search.view === 'workloads' ? (
              <Workloads tokenURL={known.token_url} adding={search.form === 'policy'} onAdd={(on) => show(on ? 'policy' : undefined)} />
            ) : (
              <Providers list={known.providers} />
            )}
          </PageBody>
        )}
      </Loaded>
    </>
  )
}
