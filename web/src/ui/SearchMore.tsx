import { Button } from './Button'

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }

/** Below a table of which the loaded part was searched: how much that was, and a way on. Nothing when that was all. */
export function SearchMore({ of, searched, more = 'Search more' }: { of: Pages; searched: string; more?: string }) {
  if (!of.hasNextPage) return null
  return (
    <div className="page-pad flex items-center gap-3 border-t border-line py-2 text-sm text-muted">
      <span>{searched} searched.</span>
      <Button small busy={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {more}
      </Button>
    </div>
  )
}

/** What a table does at its end: asks for the next page, once. */
export function nextPage(of: Pages) {
  return () => {
    if (of.hasNextPage && !of.isFetchingNextPage) void of.fetchNextPage()
  }
}
