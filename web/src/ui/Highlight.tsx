import { common, createLowlight } from 'lowlight'
import { Fragment, type ReactNode } from 'react'

const lowlight = createLowlight(common)

type Node = ReturnType<typeof lowlight.highlight>['children'][number]

/** The renderer behind Code; import that one. Languages it does not know are shown plain. */
export default function Highlight({ text, language }: { text: string; language: string }) {
  if (!lowlight.registered(language)) return text
  return <>{lowlight.highlight(language, text).children.map(render)}</>
}

/** Elements are made by React, so that nothing of the code is taken for HTML. */
function render(node: Node, key: number): ReactNode {
  if (node.type === 'text') return <Fragment key={key}>{node.value}</Fragment>
  if (node.type !== 'element') return null
  const names = node.properties.className
  return (
    <span key={key} className={Array.isArray(names) ? names.join(' ') : undefined}>
      {node.children.map(render)}
    </span>
  )
}
