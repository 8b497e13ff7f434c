import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Code2, Diff, Ellipsis, EyeOff, PanelLeft, Plus, Settings2, Trophy } from 'lucide-react'
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from 'react'
import { ForSpenders } from '@/app/ForSpenders'
import { useHotkeys } from '@/lib/hotkeys'
import { type Model, modelsQuery } from '@/lib/queries'
import { Button, IconButton } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { Sheet } from '@/ui/Dialog'
import { Menu, MenuItem } from '@/ui/Menu'
import { EmptyState, ErrorState, PageHeader, SkeletonLines } from '@/ui/Panel'
import { attempt } from '@/ui/Toast'
import { ColumnSheet } from './ColumnSheet'
import { ColumnView } from './ColumnView'
import { Composer, type Draft } from './Composer'
import { HistoryPanel } from './HistoryPanel'
import { inOrder, isNameless, nameOf, shuffled } from './names'
import { SettingsSheet } from './SettingsSheet'
import { type Chat, mostColumns } from './state/chat'
import { type Library, useChat, useLibrary } from './state/library'
import { rememberModels, startingModels } from './starting'
import { VoteBar, VotesDialog } from './Votes'

export { prepare } from './state/library'

const CodeSheet = lazy(() => import('./CodeSheet').then((m) => ({ default: m.CodeSheet })))
const DiffDialog = lazy(() => import('./DiffDialog').then((m) => ({ default: m.DiffDialog })))

const route = getRouteApi('/shell/chat')

export function ChatPage() {
  return (
    <ForSpenders heading={<PageHeader title="Chat" />}>
      <Conversations />
    </ForSpenders>
  )
}

function Conversations() {
  const library = useLibrary()
  const { chat: id, models: asked } = route.useSearch()
  const models = useQuery(modelsQuery())
  const texts = models.data?.filter((m) => m.architecture.output_modalities.includes('text'))
  const kept = useQuery({ queryKey: [...library.listKey, 'open', id], enabled: id !== undefined, staleTime: Infinity, gcTime: 0, queryFn: async () => (await library.get(id ?? '')) ?? null })
  const navigate = route.useNavigate()
  useEffect(() => {
    const onFocus = () => void attempt(() => library.freshen())
    window.addEventListener('focus', onFocus)
    return () => window.removeEventListener('focus', onFocus)
  }, [library])
  const onNew = () => {
    library.clearDraft()
    void navigate({ search: (old) => ({ workspace: old.workspace, wide: old.wide }) })
  }

  const error = models.error ?? kept.error
  const chat = id === undefined ? texts && library.draft(startingModels(texts, asked), asked) : kept.data
  if (chat && texts?.length) return <Open key={chat.conversation.id} chat={chat} library={library} models={texts} onNew={onNew} />
  return (
    <>
      <PageHeader title="Chat" />
      {error ? (
        <ErrorState error={error} onRetry={() => void (models.error ? models.refetch() : kept.refetch())} />
      ) : texts?.length === 0 ? (
        <EmptyState title="No model can be asked">A provider’s key makes its models available; they appear here then.</EmptyState>
      ) : chat === null ? (
        <EmptyState title="This conversation is not in this browser" action={<Button onClick={onNew}>Begin a new one</Button>}>
          Conversations are kept where they were had. Whoever has it can export it as a file, which can be imported here.
        </EmptyState>
      ) : (
        <div className="page-pad max-w-3xl">
          <SkeletonLines />
        </div>
      )}
    </>
  )
}

function Open({ chat, library, models, onNew }: { chat: Chat; library: Library; models: readonly Model[]; onNew: () => void }) {
  useChat(chat)
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const set = (change: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const [draft, setDraft] = useState<Draft>({ text: search.prompt ?? '', files: [], to: '' })
  const [drawer, setDrawer] = useState(false)
  const box = useRef<HTMLTextAreaElement>(null)
  const columns = inOrder(chat)
  const column = columns.find((c) => c.id === search.column) ?? columns[0]
  const { id } = chat.conversation
  useEffect(() => box.current?.focus(), [])
  useEffect(() => whenIdle(() => void Promise.all([import('@/ui/MarkdownText'), import('@/ui/Highlight')])), [])

  const send = () => {
    const to = columns.some((c) => c.id === draft.to) ? draft.to : ''
    const asked = to ? [to] : columns.map((c) => c.id)
    if (asked.every((c) => chat.busy(c)) || asked.some((c) => !chat.column(c)?.model)) return
    if (chat.conversation.blind?.revealed) chat.setBlind({ order: shuffled(chat.conversation.columns), revealed: false })
    rememberModels(chat.conversation.columns.map((c) => c.model))
    chat.send(draft.text, draft.files, asked)
    setDraft({ text: '', files: [], to: draft.to })
    if (search.chat !== id) set({ chat: id, prompt: undefined, models: undefined })
  }
  const editLast = () => document.querySelectorAll<HTMLButtonElement>('[aria-label="Edit the prompt"]').forEach((b, i, all) => i === all.length - 1 && b.click())
  useHotkeys([
    { keys: 'Escape', label: 'Stop all answers', run: () => chat.stop() },
    { keys: 'n', label: 'New chat', run: onNew },
    { keys: 'c', label: 'Write', run: () => box.current?.focus() },
  ])
  const close = () => set({ open: undefined, column: undefined })
  const history = (
    <HistoryPanel
      library={library}
      current={id}
      onNew={() => {
        setDrawer(false)
        onNew()
      }}
      onRemoved={(removed) => removed === id && onNew()}
    />
  )
  return (
    <div
      className="flex min-h-0 flex-1"
      onKeyDown={(e) => {
        if (e.key === 'Escape' && chat.busy() && !e.defaultPrevented) chat.stop()
        if (e.key === 'Enter' && (e.metaKey || e.ctrlKey) && e.target === e.currentTarget) send()
      }}
    >
      {!search.wide && <aside aria-label="History" className="hidden w-60 shrink-0 border-r border-line lg:block">{history}</aside>}
      <Sheet open={drawer} onOpenChange={setDrawer} title="History" side="left" bare>
        {history}
      </Sheet>
      <div className="flex min-w-0 flex-1 flex-col">
        <Header chat={chat} models={models} onHistory={() => setDrawer(true)} onAside={() => set({ wide: search.wide ? undefined : true })} onOpen={(open) => set({ open, column: undefined })} />
        <div className="flex min-h-0 flex-1 snap-x snap-mandatory overflow-x-auto md:snap-none">
          {columns.map((c) => (
            <ColumnView key={c.id} chat={chat} column={c} models={models} onSettings={() => set({ open: 'column', column: c.id })} />
          ))}
        </div>
        {chat.empty && <Starters onPick={(text) => setDraft((old) => ({ ...old, text }))} box={box} />}
        <VoteBar chat={chat} library={library} models={models} />
        <Composer chat={chat} models={models} draft={draft} onChange={(change) => setDraft((old) => ({ ...old, ...change }))} onSend={send} onEditLast={editLast} box={box} />
      </div>
      {search.open === 'settings' && <SettingsSheet chat={chat} onClose={close} />}
      {search.open === 'column' && column && <ColumnSheet chat={chat} column={column} name={nameOf(chat, column, models)} model={models.find((m) => m.id === column.model)} onClose={close} />}
      {search.open === 'votes' && <VotesDialog library={library} models={models} onClose={close} />}
      <Suspense fallback={null}>
        {search.open === 'diff' && <DiffDialog chat={chat} models={models} onClose={close} />}
        {search.open === 'code' && column && !isNameless(chat) && (
          <CodeSheet
            chat={chat}
            models={models}
            draft={draft}
            column={column}
            kind={search.code ?? 'curl'}
            onColumn={(c) => set({ column: c })}
            onKind={(code) => set({ code })}
            onClose={close}
          />
        )}
      </Suspense>
    </div>
  )
}

type Opens = 'code' | 'diff' | 'settings' | 'votes'

function Header(props: { chat: Chat; models: readonly Model[]; onHistory: () => void; onAside: () => void; onOpen: (what: Opens) => void }) {
  const { chat, models } = props
  const { columns, title, blind, system, tools } = chat.conversation
  const answered = columns.filter((c) => chat.tree.pathTo(c.leaf).some((m) => m.role === 'assistant' && m.text)).length
  const nameless = isNameless(chat)
  const toggleBlind = () => chat.setBlind(blind ? null : { order: shuffled(columns), revealed: false })
  const add = () => {
    const used = new Set(columns.map((c) => c.model))
    chat.addColumn(models.find((m) => !used.has(m.id))?.id ?? columns[0]?.model ?? '')
  }
  return (
    <header className="flex shrink-0 items-center gap-1 border-b border-line bg-surface px-2 py-1.5 md:px-3">
      <IconButton icon={PanelLeft} label="History" small onClick={props.onHistory} className="lg:hidden" />
      <IconButton icon={PanelLeft} label="Show or hide the history" small onClick={props.onAside} className="max-lg:hidden" />
      <h1 className="min-w-0 flex-1 truncate px-1 font-semibold">{title || 'New chat'}</h1>
      <div className="flex items-center gap-1">
        <Button small kind="quiet" icon={Plus} title="Add model" disabled={columns.length >= mostColumns || nameless} onClick={add}>
          <span className="max-md:sr-only">Add model</span>
        </Button>
        <Button small kind="quiet" icon={Settings2} title="System prompt and tools" onClick={() => props.onOpen('settings')} className={cx((system || tools) && 'text-accent!')}>
          <span className="max-xl:sr-only">System and tools</span>
        </Button>
        <Button small kind="quiet" icon={Diff} title="Compare two answers" disabled={answered < 1 || (answered < 2 && columns.length < 2)} onClick={() => props.onOpen('diff')} className="max-md:hidden">
          <span className="max-xl:sr-only">Compare</span>
        </Button>
        <Button small kind="quiet" icon={EyeOff} title="Hide names until a vote" aria-pressed={blind !== null} disabled={columns.length < 2} onClick={toggleBlind} className="aria-pressed:bg-chosen aria-pressed:text-accent-strong">
          <span className="max-xl:sr-only">Blind</span>
        </Button>
        <Button small kind="quiet" icon={Code2} title="The request as a program" disabled={nameless} onClick={() => props.onOpen('code')}>
          <span className="max-xl:sr-only">Code</span>
        </Button>
        <More onOpen={props.onOpen} canCompare={answered > 0} />
      </div>
    </header>
  )
}

function More({ onOpen, canCompare }: { onOpen: (what: Opens) => void; canCompare: boolean }) {
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label="More" small tooltip={false} />}>
      <MenuItem icon={Trophy} onSelect={() => onOpen('votes')}>
        Blind votes
      </MenuItem>
      <MenuItem icon={Diff} disabled={!canCompare} onSelect={() => onOpen('diff')}>
        Compare two answers
      </MenuItem>
    </Menu>
  )
}

const starters = ['Explain TCP slow start to a newcomer, in five sentences.', 'Write a regular expression for ISO 8601 dates, and test it on ten cases.', 'Which is cheaper for 40 km a day: an electric car, or a train ticket at €49 a month?']

/** Something to begin with. */
function Starters({ onPick, box }: { onPick: (text: string) => void; box: RefObject<HTMLTextAreaElement | null> }) {
  return (
    <ul aria-label="Prompts to begin with" className="mx-auto grid w-full max-w-4xl shrink-0 gap-2 px-4 pb-4 max-md:hidden md:grid-cols-3">
      {starters.map((text) => (
        <li key={text} className="flex">
          <button
            type="button"
            onClick={() => {
              onPick(text)
              box.current?.focus()
            }}
            className="w-full rounded-lg border border-line bg-surface px-3 py-2 text-left text-sm text-muted hover:bg-hover hover:text-ink"
          >
            {text}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** What answers will need is loaded before they come. */
function whenIdle(load: () => void): () => void {
  const timer = setTimeout(load, 500)
  return () => clearTimeout(timer)
}
