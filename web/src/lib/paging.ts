/** How many rows a list that is shown whole asks for: the most that there are at once. */
export const whole = 1000

type Page = { data?: readonly unknown[]; total_count?: number }

/** Where the next page of a list begins that counts its rows; undefined after the last one. */
export function nextOffset(last: Page, pages: readonly Page[]): number | undefined {
  const seen = pages.reduce((n, p) => n + (p.data?.length ?? 0), 0)
  return seen < (last.total_count ?? 0) ? seen : undefined
}
