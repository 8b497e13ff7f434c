import { Component, lazy, type ReactNode, Suspense } from 'react'

const Rendered = lazy(() => import('./MarkdownText'))

/** Markdown that others wrote: no HTML of theirs, no image, links only to the web. The renderer is loaded at its first use. */
export function Markdown({ text }: { text: string }) {
  const plain = <p dir="auto" className="break-words whitespace-pre-wrap">{text}</p>
  return (
    <OrPlain plain={plain}>
      <Suspense fallback={plain}>
        <Rendered text={text} />
      </Suspense>
    </OrPlain>
  )
}

/** A text that the renderer fails at, or whose renderer cannot be loaded, is shown as it is: it takes no page down. */
class OrPlain extends Component<{ plain: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? this.props.plain : this.props.children
  }
}
