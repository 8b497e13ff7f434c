// Numbers, money and times as people read them. The only place that knows how.

const locale = 'en-US'

const made = new Map<string, Intl.NumberFormat>()

/** A number with a formatter that is made once: making one takes longer than a hundred uses. */
function number(n: number, options: Intl.NumberFormatOptions = {}): string {
  const key = JSON.stringify(options)
  let format = made.get(key)
  if (!format) made.set(key, (format = new Intl.NumberFormat(locale, options)))
  return format.format(n)
}

const day = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: 'numeric' })
const dayOfYear = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' })
const second = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const minute = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const whole = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })

/** Dollars. At least two decimals; below a dollar as many as show two significant digits, at most nine. */
export function money(amount: number): string {
  const size = Math.abs(amount)
  if (size === 0 || size >= 1) return dollars(amount, 2)
  const digits = Math.min(9, Math.max(2, 1 - Math.floor(Math.log10(size)))) // two significant ones
  return dollars(amount, digits)
}

/** All nine decimals that an amount can have. */
export function exactMoney(amount: number): string {
  return dollars(amount, 9)
}

function dollars(amount: number, digits: number): string {
  return number(amount, { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: digits })
}

/** A decimal string of dollars per token as dollars per million. */
export function perMillion(price: string): string {
  return dollars(millions(price), 6)
}

/** The same as a number, without the noise of binary fractions. */
export function millions(price: string): number {
  return Number((Number(price) * 1e6).toPrecision(12))
}

/** 128000 is 128K, 1048576 is 1.05M. */
export function tokens(n: number): string {
  return number(n, { notation: 'compact', maximumFractionDigits: n < 1e6 ? (n < 1e4 ? 1 : 0) : 2 })
}

export function count(n: number): string {
  return number(n)
}

/** A share of 0 to 100. */
export function percent(n: number): string {
  return `${number(n, { maximumFractionDigits: 1 })}%`
}

/** A share of 0 to 100 of which the last parts count. */
export function uptime(n: number): string {
  return `${number(n, { maximumFractionDigits: n > 99 && n < 100 ? 2 : 1 })}%`
}

/** Milliseconds. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${number(ms / 1000, { maximumFractionDigits: ms < 10_000 ? 2 : 1 })} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
  return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} min`
}

/** Tokens per second. */
export function speed(n: number): string {
  return `${number(n, { maximumFractionDigits: n < 10 ? 1 : 0 })} tok/s`
}

const steps = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })

/** How long ago, or how soon. */
export function ago(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  }
  return seconds > 5 ? 'in a moment' : 'just now'
}

/** A day, in the browser's time zone. */
export function date(at: string): string {
  return day.format(new Date(at))
}

/** The whole time, in the browser's zone and in UTC. */
export function exactTime(at: string): string {
  const t = new Date(at)
  return `${whole.format(t)} (${t.toISOString().slice(0, 19).replace('T', ' ')} UTC)`
}

/** The time of a day in the browser's zone, to the second; on another day its date, to the minute. */
export function clock(at: string, now = Date.now()): string {
  const t = new Date(at)
  const today = t.toDateString() === new Date(now).toDateString()
  return today ? second.format(t) : `${dayOfYear.format(t)} ${minute.format(t)}`
}

/** "1 key", "2 keys". */
export function plural(n: number, one: string, many = one + 's'): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** A size, in powers of 1000 as file managers have them. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`
  if (n < 1e6) return `${Math.round(n / 1000)} KB`
  if (n < 1e9) return `${number(n / 1e6, { maximumFractionDigits: n < 1e7 ? 1 : 0 })} MB`
  return `${number(n / 1e9, { maximumFractionDigits: n < 1e10 ? 1 : 0 })} GB`
}
