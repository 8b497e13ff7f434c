import { getRouteApi } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useSession } from '@/lib/session'
import { Button } from '@/ui/Button'
import { PageBody, PageHeader } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'
import { EndpointSheet } from './EndpointSheet'
import { OwnPanels } from './OwnPanels'
import { PricesPanel } from './PricesPanel'
import { RefreshSheet } from './RefreshSheet'

const route = getRouteApi('/shell/catalogue')

/** What the catalogue has beyond what it came with: endpoints of one's own, and prices of price lists. */
export function CataloguePage() {
  const { view = 'own', form } = route.useSearch()
  const navigate = route.useNavigate()
  const { can } = useSession()
  const write = can('rules:write')
  const show = (to: typeof form) => void navigate({ search: (old) => ({ ...old, form: to }) })
  const add = write && view === 'own' && (
    <Button kind="primary" icon={Plus} onClick={() => show('new')}>
      Add an endpoint
    </Button>
  )
  return (
    <>
      <PageHeader width="wide" title="Providers & catalogue" about="Endpoints of your own, beside those of the catalogue: a local server, a private deployment." actions={add}>
        <Segments
          label="What to show"
          value={view}
          onChange={(to) => void navigate({ search: { view: to === 'own' ? undefined : to } })}
          options={[
            { value: 'own', label: 'Own endpoints' },
            { value: 'prices', label: 'Prices' },
          ]}
        />
      </PageHeader>
      <PageBody>{view === 'prices' ? <PricesPanel onRefresh={write ? () => show('prices') : undefined} /> : <OwnPanels write={write} add={add} />}</PageBody>
      {form === 'prices' && write && <RefreshSheet onClose={() => show(undefined)} />}
      {form === 'new' && write && <EndpointSheet onClose={() => show(undefined)} />}
    </>
  )
}
