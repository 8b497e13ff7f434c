import { colorOf, type Series } from './Chart'

/** A chart as it is drawn now, with its title and its legend, as a PNG. */
export async function chartImage(figure: HTMLElement, title: string, series: readonly Series[]): Promise<Blob> {
  const drawn = figure.querySelector('canvas')
  if (!drawn) throw new Error('The chart is not drawn yet')
  const scale = drawn.width / drawn.clientWidth || 1
  const pad = 20 * scale
  const head = 72 * scale
  const image = document.createElement('canvas')
  image.width = drawn.width + 2 * pad
  image.height = drawn.height + head + pad
  const c = image.getContext('2d')
  if (!c) throw new Error('This browser draws no images')
  const color = resolver(figure)
  c.fillStyle = color('var(--color-surface)')
  c.fillRect(0, 0, image.width, image.height)
  c.textBaseline = 'middle'
  c.fillStyle = color('var(--color-ink)')
  c.font = `600 ${15 * scale}px system-ui`
  c.fillText(title, pad, 26 * scale)
  c.font = `${12 * scale}px system-ui`
  let x = pad
  for (const [i, s] of series.entries()) {
    c.fillStyle = color(colorOf(s, i))
    c.fillRect(x, 45 * scale, 10 * scale, 10 * scale)
    c.fillStyle = color('var(--color-muted)')
    c.fillText(s.name, x + 15 * scale, 50.5 * scale)
    x += c.measureText(s.name).width + 34 * scale
  }
  c.drawImage(drawn, pad, head)
  return new Promise((resolve, reject) => image.toBlob((b) => (b ? resolve(b) : reject(new Error('This browser makes no images'))), 'image/png'))
}

/** Resolves a token to the colour that it has now: a canvas knows no variables. */
export function resolver(el: HTMLElement) {
  return (value: string) => {
    const probe = el.appendChild(document.createElement('i'))
    probe.style.color = value
    const color = getComputedStyle(probe).color
    probe.remove()
    return color
  }
}
