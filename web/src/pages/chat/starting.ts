import type { Model } from '@/lib/queries'
import { mostColumns } from './state/chat'

const key = 'dragoman.chat.models'

/** The models of a new conversation: those of the link, else the last ones, else two to compare. */
export function startingModels(models: readonly Model[], asked: readonly string[] | undefined): string[] {
  if (asked?.length) return asked.slice(0, mostColumns)
  const there = remembered().filter((id) => models.some((m) => m.id === id))
  if (there.length > 0) return there.slice(0, mostColumns)
  return models.slice(0, 2).map((m) => m.id)
}

export function rememberModels(ids: readonly string[]) {
  try {
    localStorage.setItem(key, JSON.stringify(ids))
  } catch {
    // without storage the next conversation begins with the first models
  }
}

function remembered(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === 'string') : []
  } catch {
    return []
  }
}
