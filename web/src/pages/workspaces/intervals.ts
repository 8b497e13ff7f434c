// The windows of budgets: they begin at midnight UTC, on Monday, on the 1st, or never.
import type { Budget } from './queries'

export type Interval = 'daily' | 'weekly' | 'monthly' | 'lifetime'

export const intervals: readonly { id: Interval; name: string; again: string }[] = [
  { id: 'daily', name: 'A day', again: 'Starts again at midnight UTC' },
  { id: 'weekly', name: 'A week', again: 'Starts again on Monday' },
  { id: 'monthly', name: 'A month', again: 'Starts again on the 1st' },
  { id: 'lifetime', name: 'In all', again: 'Never starts again' },
]

export function budgetIn(budgets: readonly Budget[], interval: Interval): Budget | undefined {
  return budgets.find((b) => (b.reset_interval ?? 'lifetime') === interval)
}

/** The first day of the window that now is in, as yyyy-mm-dd; "" for the one that never began. */
export function firstDay(interval: Interval, now = new Date()): string {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  const sinceMonday = (now.getUTCDay() + 6) % 7
  const first = { daily: Date.UTC(year, month, day), weekly: Date.UTC(year, month, day - sinceMonday), monthly: Date.UTC(year, month, 1), lifetime: undefined }[interval]
  return first === undefined ? '' : new Date(first).toISOString().slice(0, 10)
}

export function spentIn(interval: Interval, days: readonly { day: string; usage: number }[]): number {
  const first = firstDay(interval)
  return days.reduce((sum, d) => (d.day >= first ? sum + d.usage : sum), 0)
}
