import { memo, useEffect, useRef } from 'react'
import { Code } from '@/ui/Code'
import { Markdown } from '@/ui/Markdown'
import { type Blocks, cut, openCode } from '../blocks'

/** The Markdown of an answer. While it comes, only its last block is rendered anew. */
export function RunningText({ text, running }: { text: string; running: boolean }) {
  const before = useRef<Blocks>(undefined)
  const now = cut(text, before.current)
  useEffect(() => {
    before.current = now
  })
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {now.blocks.map((block, i) => (
        <Block key={i} text={block} running={running && i === now.blocks.length - 1} />
      ))}
    </div>
  )
}

const Block = memo(function Block({ text, running }: { text: string; running: boolean }) {
  const code = running ? openCode(text) : undefined // coloured when its end has come
  return code ? <Code text={code.code} label="Code" /> : <Markdown text={text} />
})
