import { cx } from './cx'

const tones = { ok: 'bg-good', error: 'bg-bad', cancelled: 'bg-warn' }

/** How a request ended, in a word, with the status that its client got when it failed. */
export function Outcome({ status, outcome, code }: { status: keyof typeof tones; outcome: string; code?: number }) {
  return (
    <span className={cx('inline-flex items-center gap-2', status === 'error' && 'text-bad', status === 'cancelled' && 'text-warn')}>
      <span aria-hidden className={cx('size-2 shrink-0 rounded-full', tones[status])} />
      {outcome === 'completed' ? 'ok' : outcome}
      {code !== undefined && <span className="num">{code}</span>}
    </span>
  )
}
