import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useTheme } from '@/lib/appearance'
import { type ChartProps, colorOf, type Series } from './Chart'
import { resolver } from './chart-image'

/** The drawing of a Chart: uPlot on a canvas, in the tokens' colours. */
export default function Plot({ at, series, format, height, kind = 'line' }: ChartProps & { height: number }) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  useEffect(() => {
    const el = place.current
    if (!el) return
    const color = resolver(el)
    const axis = { stroke: color('var(--color-muted)'), grid: { stroke: color('var(--color-line)'), width: 1 }, ticks: { show: false }, font: '11px system-ui' }
    const bars = kind !== 'line'
    const drawn = kind === 'stack' ? stacked(series) : series.map((s, i) => ({ ...s, color: colorOf(s, i) }))
    const plot = new uPlot(
      {
        width: el.clientWidth || 300,
        height,
        padding: [8, 20, 0, 0],
        legend: { show: false },
        cursor: { y: false },
        tzDate: (t) => uPlot.tzDate(new Date(t * 1000), 'Etc/UTC'),
        axes: [
          { ...axis, grid: { show: false }, size: 30, gap: 8, space: 70, incrs: stepsFrom(2 * half(at)), values: (_, ticks, __, ___, step) => ticks.map((t) => tick(t, step)) },
          { ...axis, size: 64, incrs: whole(series) ? wholeSteps : undefined, values: (_, ticks) => ticks.map(format) },
        ],
        scales: {
          x: { range: (_, from, to) => (bars ? [from - half(at), to + half(at)] : [from, to]) },
          y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
        },
        series: [
          {},
          ...drawn.map((s) => ({
            label: s.name,
            stroke: color(s.color),
            width: 1.5,
            points: bars ? { show: false } : { show: true, size: 6, fill: color(s.color), filter: () => alone(s.values) },
            ...(s.over
              ? { dash: [4, 4] }
              : bars
                ? { fill: color(s.color), width: 0, paths: uPlot.paths.bars?.({ size: [0.7, 48], radius: kind === 'stack' ? 0 : 0.15 }) }
                : {}),
          })),
        ],
        plugins: [hover(series, format, 2 * half(at))],
      },
      [at as number[], ...drawn.map((s) => s.values as number[])],
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

/** The series of a stack as bars from the bottom, the highest first, so that each covers those behind it but for its own part. */
function stacked(series: readonly Series[]) {
  const below = new Array<number>(series[0]?.values.length ?? 0).fill(0)
  const parts = series.map((s, i) => {
    if (s.over) return { ...s, color: colorOf(s, i) }
    const values = s.values.map((v, at) => (below[at] = (below[at] ?? 0) + (v ?? 0)))
    return { ...s, values, color: colorOf(s, i) }
  })
  return [...parts.filter((s) => !s.over).reverse(), ...parts.filter((s) => s.over)]
}

/** The places of values with none beside them: a line does not show them. */
function alone(values: readonly (number | null)[]): number[] {
  return values.flatMap((v, i) => (v !== null && values[i - 1] == null && values[i + 1] == null ? [i] : []))
}

/** Half of what lies between two values: bars stand in its middle. */
function half(at: readonly number[]): number {
  const [a, b] = at
  return a === undefined || b === undefined ? 1800 : (b - a) / 2
}

const timeSteps = [...[1, 5, 15, 30].map((n) => n * 60), ...[1, 2, 3, 6, 12].map((n) => n * 3600), ...[1, 2, 3, 4, 5, 7, 10, 15, 30, 90, 365].map((n) => n * 86_400)]

/** Steps of the axis of times: none is shorter than that of the values, between which there is nothing. */
function stepsFrom(least: number): number[] {
  return timeSteps.filter((s) => s >= least)
}

const wholeSteps = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((n) => n * 10 ** power)).flat()

/** Whether all values are counts, of which there is no half. */
function whole(series: readonly Series[]): boolean {
  return series.every((s) => s.values.every((v) => v === null || Number.isInteger(v)))
}

/** A time on the axis, as its steps need it. */
function tick(t: number, step: number): string {
  const at = new Date(t * 1000)
  const midnight = t % 86_400 === 0
  return step >= 86_400 || midnight
    ? at.toLocaleDateString('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric' })
    : at.toLocaleTimeString('en-US', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

/** The values below the pointer, beside the colours of their series; `step` is the time of one. */
function hover(series: readonly Series[], format: (value: number) => string, step: number): uPlot.Plugin {
  const tip = element('pointer-events-none absolute z-10 hidden rounded-md border border-line bg-raised px-2.5 py-1.5 text-xs shadow-floating num whitespace-nowrap')
  return {
    hooks: {
      init: (u) => u.over.append(tip),
      setCursor: (u) => {
        const i = u.cursor.idx
        const t = i == null ? undefined : u.data[0][i]
        tip.classList.toggle('hidden', t === undefined)
        if (i == null || t === undefined) return
        const clock = step < 86_400 ? ({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const) : {}
        const when = new Date(t * 1000).toLocaleString('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric', ...clock })
        const told = series.map((s, n) => row(colorOf(s, n), s.name, s.values[i] == null ? '–' : format(s.values[i])))
        tip.replaceChildren(`${when}${step < 86_400 ? ' UTC' : ''}`, ...told)
        const x = u.cursor.left ?? 0
        tip.style.left = x > u.over.clientWidth / 2 ? '' : `${x + 12}px`
        tip.style.right = x > u.over.clientWidth / 2 ? `${u.over.clientWidth - x + 12}px` : ''
      },
    },
  }
}

/** A line of the tip: a colour, a name and its value. */
function row(color: string, name: string, value: string): HTMLElement {
  const mark = element('size-2 rounded-sm')
  mark.style.background = color
  const line = element('flex items-center gap-1.5')
  line.append(mark, element('text-muted', name), element('ml-auto pl-3 font-medium', value))
  return line
}

function element(className: string, text = ''): HTMLElement {
  const made = document.createElement('div')
  made.className = className
  made.textContent = text
  return made
}
