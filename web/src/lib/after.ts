import { type QueryKey, useQueryClient } from '@tanstack/react-query'

/** Waits until something is changed, then asks anew for all below these query keys, which it may have changed. */
export function useAfter(...keys: QueryKey[]) {
  const client = useQueryClient()
  return async <T>(change: Promise<T>): Promise<T> => {
    const answer = await change
    await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })))
    return answer
  }
}
