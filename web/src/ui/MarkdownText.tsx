import ReactMarkdown, { type Components } from 'react-markdown'
import gfm from 'remark-gfm'
import { Code } from './Code'

// Each block is written in the direction of its own first letters.
const components: Components = {
  p: ({ children }) => <p dir="auto">{children}</p>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow" className="text-accent underline underline-offset-2">
      {children}
    </a>
  ),
  img: ({ alt }) => <span className="text-muted">[image: {alt || 'without description'}]</span>, // loading one would tell its host who reads
  pre: ({ children }) => <>{children}</>,
  code: ({ children, className }) => {
    const text = String(children)
    return className || text.includes('\n') ? (
      <Code text={text.replace(/\n$/, '')} label="Code" language={/language-(\S+)/.exec(className ?? '')?.[1]} />
    ) : (
      <code className="rounded-sm bg-sunken px-1 py-0.5 font-mono text-[0.92em]">{text}</code>
    )
  },
  h1: ({ children }) => <p dir="auto" className="text-lg font-semibold">{children}</p>, // headings would disturb the page's outline
  h2: ({ children }) => <p dir="auto" className="text-lg font-semibold">{children}</p>,
  h3: ({ children }) => <p dir="auto" className="font-semibold">{children}</p>,
  h4: ({ children }) => <p dir="auto" className="font-semibold">{children}</p>,
  h5: ({ children }) => <p dir="auto" className="font-semibold">{children}</p>,
  h6: ({ children }) => <p dir="auto" className="font-semibold">{children}</p>,
  ul: ({ children }) => <ul dir="auto" className="list-disc ps-5">{children}</ul>,
  ol: ({ children, start }) => (
    <ol dir="auto" className="list-decimal ps-6" start={start}>
      {children}
    </ol>
  ),
  blockquote: ({ children }) => <blockquote dir="auto" className="border-s-2 border-line ps-3 text-muted">{children}</blockquote>,
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table dir="auto" className="border-collapse text-sm [&_td]:border [&_td]:border-line [&_td]:px-2 [&_td]:py-1 [&_th]:border [&_th]:border-line [&_th]:px-2 [&_th]:py-1">{children}</table>
    </div>
  ),
  hr: () => <hr className="border-line" />,
}

/** The renderer behind Markdown; import that one. */
export default function MarkdownText({ text }: { text: string }) {
  return (
    <div className="flex min-w-0 flex-col gap-3 break-words">
      <ReactMarkdown remarkPlugins={[gfm]} skipHtml components={components}>
        {text}
      </ReactMarkdown>
    </div>
  )
}
