import { getRouteApi } from '@tanstack/react-router'
import { Tabs } from '@/ui/Tabs'
import { SpeakTab } from './SpeakTab'
import { TranscribeTab } from './TranscribeTab'
import { PageBody } from '@/ui/Panel'

const route = getRouteApi('/shell/playground/speech')

export function SpeechPage() {
  const { do: tab = 'speak' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <PageBody className="max-w-4xl!">
      <Tabs
        label="Speech"
        value={tab}
        onChange={(to) => void navigate({ search: (old) => ({ workspace: old.workspace, do: to === 'speak' ? undefined : to }), replace: true })}
        tabs={[
          { id: 'speak', label: 'Text to speech', content: <SpeakTab /> },
          { id: 'transcribe', label: 'Speech to text', content: <TranscribeTab /> },
        ]}
      />
    </PageBody>
  )
}
