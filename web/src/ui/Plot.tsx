import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useTheme } from '@/lib/appearance'
import { type ChartProps, chartColor } from './Chart'

/** The drawing of a Chart: uPlot on a canvas, in the tokens' colours. */
export default function Plot({ at, series, format, height, kind = 'line' }: ChartProps & { height: number }) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  useEffect(() => {
    const el = place.current
    if (!el) return
    const color = resolver(el)
    const margin = kind === 'bars' && at.length > 1 ? ((at[1] ?? 0) - (at[0] ?? 0)) / 2 : 0 // half a bar
    const axis = { stroke: color('var(--color-muted)'), grid: { stroke: color('var(--color-line)'), width: 1 }, ticks: { show: false }, font: '11px system-ui' }
    const plot = new uPlot(
      {
        width: el.clientWidth || 300,
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { y: false },
        axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(format) }],
        scales: { x: { range: (_, min, max) => [min - margin, max + margin] }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
        series: [
          {},
          ...series.map((s, i) => ({
            label: s.name,
            stroke: color(chartColor(i)),
            width: 1.5,
            points: { show: at.length < 3 },
            ...(kind === 'bars' ? { fill: color(chartColor(i)), paths: uPlot.paths.bars?.({ size: [0.7, 28], radius: 0.15 }), points: { show: false }, width: 0 } : {}),
          })),
        ],
        plugins: [hover(series.map((s) => s.name), format)],
      },
      [at as number[], ...series.map((s) => s.values as number[])],
      el,
    )
    const watch = new ResizeObserver(() => plot.setSize({ width: el.clientWidth, height }))
    watch.observe(el)
    return () => {
      watch.disconnect()
      plot.destroy()
    }
  }, [at, series, format, height, kind, theme])
  return <div ref={place} className="relative h-full" />
}

/** Resolves a token to the colour that it has now: a canvas knows no variables. */
function resolver(el: HTMLElement) {
  return (value: string) => {
    const probe = el.appendChild(document.createElement('i'))
    probe.style.color = value
    const color = getComputedStyle(probe).color
    probe.remove()
    return color
  }
}

/** The values below the pointer. */
function hover(names: readonly string[], format: (value: number) => string): uPlot.Plugin {
  const tip = document.createElement('div')
  tip.className = 'pointer-events-none absolute z-10 hidden rounded-md border border-line bg-raised px-2 py-1 text-xs shadow-floating num whitespace-pre'
  return {
    hooks: {
      init: (u) => u.over.append(tip),
      setCursor: (u) => {
        const i = u.cursor.idx
        const t = i == null ? undefined : u.data[0][i]
        tip.classList.toggle('hidden', t === undefined)
        if (i == null || t === undefined) return
        const lines = names.map((name, s) => `${name}  ${u.data[s + 1]?.[i] == null ? '–' : format(u.data[s + 1]![i]!)}`)
        tip.textContent = [new Date(t * 1000).toLocaleString('en-US', { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }), ...lines].join('\n')
        const x = u.cursor.left ?? 0
        tip.style.left = x > u.over.clientWidth / 2 ? '' : `${x + 12}px`
        tip.style.right = x > u.over.clientWidth / 2 ? `${u.over.clientWidth - x + 12}px` : ''
      },
    },
  }
}
