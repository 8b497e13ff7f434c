import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { signInOptionsQuery } from '@/lib/session'
import { cx } from '@/ui/cx'
import { Logo } from './Logo'

/** The frame of pages before one is signed in. */
export function Gate({ title, about, children, wide }: { title: string; about?: ReactNode; children: ReactNode; wide?: boolean }) {
  const { data: options } = useQuery(signInOptionsQuery)
  return (
    <div className="h-full overflow-y-auto">
      <main className={cx('mx-auto flex min-h-full w-full flex-col justify-center gap-6 px-4 py-10', wide ? 'max-w-2xl' : 'max-w-sm')}>
        <div className="flex flex-col gap-4">
          <Logo className="size-9" />
          <div>
            <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
            {about && <p className="mt-1 text-muted">{about}</p>}
          </div>
        </div>
        {children}
        <p className="text-xs text-muted">
          Dragoman {options?.version}
          {options?.demo && ' · demo providers'}
        </p>
      </main>
    </div>
  )
}

/** Between ways of doing the same. */
export function Or() {
  return (
    <div className="flex items-center gap-3 text-sm text-muted">
      <span className="h-px flex-1 bg-line" />
      or
      <span className="h-px flex-1 bg-line" />
    </div>
  )
}
