import { Link, useRouter } from '@tanstack/react-router'
import { CopyButton } from '@/ui/Code'

/** The id of a generation, and the way to its page. */
export function GenerationLink({ id }: { id: string }) {
  const { routesByPath } = useRouter()
  const page: string = '/generations/$id'
  const look = 'min-w-0 truncate font-mono text-[0.92em]'
  return (
    <span className="flex min-w-0 items-center gap-1">
      {page in routesByPath ? (
        <Link to={page} params={{ id } as never} className={`${look} text-accent hover:underline`}>
          {id}
        </Link>
      ) : (
        <span className={look}>{id}</span>
      )}
      <CopyButton text={id} label="Copy the generation’s id" />
    </span>
  )
}
