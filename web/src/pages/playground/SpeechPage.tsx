import { getRouteApi } from '@tanstack/react-router'
import { PageBody } from '@/ui/Panel'
import { Segments } from '@/ui/Tabs'
import { SpeakTab } from './SpeakTab'
import { TranscribeTab } from './TranscribeTab'

const route = getRouteApi('/shell/playground/speech')

export function SpeechPage() {
  const { do: tab = 'speak' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <PageBody width="text">
      <Segments
        label="Direction"
        value={tab}
        onChange={(to) => void navigate({ search: (old) => ({ workspace: old.workspace, do: to === 'speak' ? undefined : to }), replace: true })}
        options={[
          { value: 'speak', label: 'Text to speech' },
          { value: 'transcribe', label: 'Speech to text' },
        ]}
      />
      {tab === 'speak' ? <SpeakTab /> : <TranscribeTab />}
    </PageBody>
  )
}
