import { type QueryKey, useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { useState } from 'react'

/**
 * What a list offers, asked for when it first opens, or `atOnce` where a name out of it is shown already. Until it is
 * there it is undefined; what could not be had is empty.
 */
export function useChoices<T, K extends QueryKey>(query: UseQueryOptions<T[], Error, T[], K>, { atOnce = false } = {}): { list: readonly T[] | undefined; onOpen: () => void } {
  const [opened, setOpened] = useState(false)
  const { data, error } = useQuery({ ...query, enabled: opened || atOnce })
  return { list: data ?? (error ? [] : undefined), onOpen: () => setOpened(true) }
}
