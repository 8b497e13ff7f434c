import { getRouteApi } from '@tanstack/react-router'
import { PageBody, PageHeader } from '@/ui/Panel'
import { Tabs } from '@/ui/Tabs'
import { Passkeys } from './Passkeys'
import { Password } from './Password'
import { Profile } from './Profile'
import { Sessions } from './Sessions'
import { Totp } from './Totp'

const route = getRouteApi('/shell/settings')

export function SettingsPage() {
  const { tab = 'profile' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <PageHeader width="form" title="Settings" about="Your own account, in every organisation." />
      <PageBody width="form">
        <Tabs
          label="Settings"
          value={tab}
          onChange={(to) => void navigate({ search: (old) => ({ ...old, tab: to === 'profile' ? undefined : to }), replace: true })}
          tabs={[
            { id: 'profile', label: 'Profile', content: <Profile /> },
            {
              id: 'security',
              label: 'Security',
              content: (
                <div className="flex flex-col gap-4">
                  <Password />
                  <Totp />
                  <Passkeys />
                </div>
              ),
            },
            { id: 'sessions', label: 'Sessions', content: <Sessions /> },
          ]}
        />
      </PageBody>
    </>
  )
}
