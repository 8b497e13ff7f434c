import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'
type Appearance = { theme: Theme; density: Density }

const key = 'dragoman.appearance' // public/theme.js reads it before the first paint
const listeners = new Set<() => void>()
let now = read()

function read(): Appearance {
  try {
    const kept: Partial<Appearance> = JSON.parse(localStorage.getItem(key) ?? '{}')
    return { theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'system', density: kept.density === 'compact' ? 'compact' : 'comfortable' }
  } catch {
    return { theme: 'system', density: 'comfortable' }
  }
}

/** Changes the look, and keeps it in this browser. */
export function setAppearance(change: Partial<Appearance>) {
  now = { ...now, ...change }
  try {
    localStorage.setItem(key, JSON.stringify(now))
  } catch {
    // without storage it holds until the page is left
  }
  const { dataset } = document.documentElement
  if (now.theme === 'system') delete dataset.theme
  else dataset.theme = now.theme
  if (now.density === 'compact') dataset.density = 'compact'
  else delete dataset.density
  for (const l of listeners) l()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', listener)
  }
}

export function useAppearance(): Appearance {
  return useSyncExternalStore(subscribe, () => now)
}

/** The theme in force, for what is drawn and cannot use variables. */
export function useTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () => (now.theme === 'system' ? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') : now.theme))
}
