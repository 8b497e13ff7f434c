import { cx } from './cx'

/** How much of something is used, as a bar: 0 to 1, and more when too much is; with `plain`, any share is fine. The numbers stand beside it. */
export function Meter({ share, label, plain, className }: { share: number; label: string; plain?: boolean; className?: string }) {
  const full = Math.max(0, Math.min(1, share))
  const tone = plain ? 'bg-accent' : share >= 1 ? 'bg-bad' : share >= 0.8 ? 'bg-warn' : 'bg-accent'
  return (
    <span role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(full * 100)} className={cx('block h-1.5 overflow-hidden rounded-full bg-line', className)}>
      <span className={cx('block h-full rounded-full', tone)} style={{ width: `${full * 100}%` }} />
    </span>
  )
}
