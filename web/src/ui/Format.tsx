import { ago, clock, count, date, duration, exactMoney, exactTime, money, perMillion, tokens } from '@/lib/format'

/** US dollars. Small amounts keep the digits that tell them apart; all are on hover. */
export function Money({ amount }: { amount: number | null | undefined }) {
  return amount == null ? <None /> : <span className="num" title={exactMoney(amount)}>{money(amount)}</span>
}

/** Dollars per million of something, from the API's decimal string per one; "-1" is not known. */
export function PerMillion({ price }: { price: string | undefined }) {
  return price === undefined || Number(price) < 0 ? <None /> : <span className="num">{perMillion(price)}</span>
}

/** A number of tokens, short, with all digits on hover. */
export function Tokens({ n }: { n: number | null | undefined }) {
  return n == null ? <None /> : <span className="num" title={count(n)}>{tokens(n)}</span>
}

export function Count({ n }: { n: number | null | undefined }) {
  return n == null ? <None /> : <span className="num">{count(n)}</span>
}

/** Milliseconds as a duration. */
export function Duration({ ms }: { ms: number | null | undefined }) {
  return ms == null ? <None /> : <span className="num">{duration(ms)}</span>
}

const times = { ago, date, clock }

/** A time as how long ago it was, as a date, or to the second; the exact time is on hover. */
export function Time({ at, as = 'ago' }: { at: string | null | undefined; as?: keyof typeof times }) {
  if (!at) return <None />
  return (
    <time dateTime={at} title={exactTime(at)} className="num whitespace-nowrap">
      {times[as](at)}
    </time>
  )
}

/** There is no value. */
export function None() {
  return (
    <span className="text-muted">
      <span aria-hidden>–</span>
      <span className="sr-only">none</span>
    </span>
  )
}

/** When something was made; the API's epoch is for what is there from the beginning. */
export function Created({ at }: { at: string }) {
  return Date.parse(at) === 0 ? <span className="text-muted">from the beginning</span> : <Time at={at} as="date" />
}
