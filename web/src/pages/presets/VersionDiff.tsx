import { diffLines } from 'diff'
import { cx } from '@/ui/cx'

/** What is in one text and not in the other, by lines. */
export default function VersionDiff({ from, to }: { from: string; to: string }) {
  const parts = diffLines(from, to)
  if (parts.every((p) => !p.added && !p.removed)) return <p className="text-sm text-muted">They are the same.</p>
  return (
    <pre tabIndex={0} role="region" aria-label="What changed" className="overflow-x-auto rounded-md border border-line bg-sunken py-2 font-mono text-sm">
      {parts.flatMap((p, i) =>
        p.value
          .replace(/\n$/, '')
          .split('\n')
          .map((line, j) => (
            <div key={`${i}.${j}`} className={cx('px-3', p.added && 'bg-good-soft text-good', p.removed && 'bg-bad-soft text-bad')}>
              <span className="sr-only">{p.added ? 'Added: ' : p.removed ? 'Taken away: ' : ''}</span>
              <span aria-hidden>{p.added ? '+ ' : p.removed ? '− ' : '  '}</span>
              {line}
            </div>
          )),
      )}
    </pre>
  )
}
