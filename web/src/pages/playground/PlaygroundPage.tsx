import { Link, Outlet } from '@tanstack/react-router'
import { PageHeader } from '@/ui/Panel'

const pages = [
  { to: '/playground/embeddings', label: 'Embeddings' },
  { to: '/playground/images', label: 'Images' },
  { to: '/playground/speech', label: 'Speech' },
] as const

export function PlaygroundPage() {
  return (
    <>
      <PageHeader width="wide" title="Playgrounds" about="Vectors, pictures and sound, from the models that make them.">
        <nav aria-label="Playgrounds" className="flex gap-4 border-b border-line">
          {pages.map((p) => (
            <Link
              key={p.to}
              to={p.to}
              className="-mb-px flex h-(--control) items-center border-b-2 border-transparent text-sm font-medium text-muted hover:text-ink"
              activeProps={{ className: 'border-accent! text-ink!' }}
            >
              {p.label}
            </Link>
          ))}
        </nav>
      </PageHeader>
      <Outlet />
    </>
  )
}
