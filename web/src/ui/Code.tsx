import { Check, Copy } from 'lucide-react'
import { Fragment, lazy, Suspense, useState } from 'react'
import { IconButton } from './Button'
import { cx } from './cx'
import { toast } from './Toast'

/** Copies a text, and says so. */
export function CopyButton({ text, label = 'Copy', small = true }: { text: string; label?: string; small?: boolean }) {
  const [done, setDone] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setDone(true)
      setTimeout(() => setDone(false), 1500)
    } catch {
      toast('The browser does not allow copying here; select the text instead', { bad: true })
    }
  }
  return (
    <>
      <IconButton icon={done ? Check : Copy} label={label} small={small} onClick={() => void copy()} />
      <span role="status" className="sr-only">
        {done ? 'Copied' : ''}
      </span>
    </>
  )
}

const Highlighted = lazy(() => import('./Highlight'))
const mostHighlighted = 30_000 // characters; longer code is shown plain, as colouring it would halt the page

/** Code, or any text to copy, as it is. With a `language` it is coloured; `copy` is what is copied where that is another text. What has to be seen whole, such as a secret, can `wrap`. */
export function Code({ text, label, language, copy = text, wrap, className }: { text: string; label: string; language?: string; copy?: string; wrap?: boolean; className?: string }) {
  return (
    <div className={cx('relative min-w-0 rounded-md border border-line bg-sunken', className)}>
      <pre tabIndex={0} aria-label={label} role="group" className={cx('overflow-x-auto p-3 pr-12 font-mono text-sm', wrap && 'break-all whitespace-pre-wrap')}>
        <code>
          {language && text.length <= mostHighlighted ? (
            <Suspense fallback={text}>
              <Highlighted text={text} language={language} />
            </Suspense>
          ) : (
            text
          )}
        </code>
      </pre>
      <div className="absolute top-1 right-1 rounded-md bg-sunken">
        <CopyButton text={copy} label={`Copy ${label.toLowerCase()}`} />
      </div>
    </div>
  )
}

/** A word of code that one wants elsewhere: an id, an address. */
export function Copied({ text, label }: { text: string; label: string }) {
  return (
    <span className="flex items-center gap-1">
      <Mono className="truncate">{text}</Mono>
      <CopyButton text={text} label={label} />
    </span>
  )
}

/** An id of parts, which breaks after a slash where it has no room. */
export function PartedId({ children }: { children: string }) {
  return (
    <span className="font-mono text-xs wrap-anywhere">
      {children.split(/(?<=\/)/).map((part, i) => (
        <Fragment key={i}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </span>
  )
}

/** A word of code in a sentence or a cell. */
export function Mono({ children, className }: { children: string; className?: string }) {
  return <code className={cx('font-mono text-[0.92em]', className)}>{children}</code>
}
