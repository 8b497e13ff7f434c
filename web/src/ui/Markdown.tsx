import { lazy, Suspense } from 'react'

const Rendered = lazy(() => import('./MarkdownText'))

/** Markdown that others wrote: no HTML of theirs, no image, links only to the web. The renderer is loaded at its first use. */
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
      <Rendered text={text} />
    </Suspense>
  )
}
