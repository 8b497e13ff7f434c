/** A text cut into blocks, of which all but the last are finished. */
export type Blocks = { text: string; blocks: string[] }

const fence = /^ {0,3}(`{3,}|~{3,})/
const item = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s/

/**
 * Cuts Markdown where it can be rendered piece by piece: at blank lines outside of code, between what does not belong
 * together. Of a text that grew only the end is looked at.
 */
export function cut(text: string, before?: Blocks): Blocks {
  const known = before && text.startsWith(before.text) ? before.blocks.slice(0, -1) : []
  const from = known.reduce((n, b) => n + b.length, 0)
  return { text, blocks: [...known, ...pieces(text.slice(from))] }
}

/** The texts of the blocks, one after the other, are the text. */
function pieces(text: string): string[] {
  const blocks: string[] = []
  let start = 0
  let open = '' // the fence of the code that the line is in
  let blank = false
  let list = false
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at) + 1 || text.length
    const line = text.slice(at, end)
    const mark = fence.exec(line)?.[1]
    if (!open && line.trim() === '') {
      blank = true
    } else {
      const whole = line.endsWith('\n') || line.length > 12 // a line that still comes may become an item
      const goesOn = open !== '' || (list && (item.test(line) || /^\s/.test(line) || !whole))
      if (blank && !goesOn && at > start) {
        blocks.push(text.slice(start, at))
        start = at
        list = false
      }
      blank = false
      if (start === at || !list) list = item.test(line)
      if (open) open = mark?.startsWith(open) && line.trim() === mark ? '' : open
      else if (mark) open = mark
    }
    at = end
  }
  if (start < text.length) blocks.push(text.slice(start))
  return blocks
}

/** The code of a block that is code whose end has not come, with its language. */
export function openCode(block: string): { language: string; code: string } | undefined {
  const mark = fence.exec(block)?.[1]
  if (!mark) return undefined
  const [first = '', ...lines] = block.split('\n')
  if (lines.some((l) => l.trim().startsWith(mark))) return undefined
  return { language: first.trim().slice(mark.length).trim(), code: lines.join('\n') }
}
