import { useEffect, useEffectEvent } from 'react'

/** Keys of the app: one stroke ("?", "mod+k") or two after each other ("g m"). */
export type Hotkey = { keys: string; label: string; run: () => void }

const pause = 1200 // milliseconds between the strokes of a sequence

/** Listens for keys while the component is there. Plain keys do nothing while something is typed. */
export function useHotkeys(hotkeys: readonly Hotkey[]) {
  const onKey = useEffectEvent((e: KeyboardEvent, before: string): string => {
    if (e.defaultPrevented || e.altKey || e.repeat) return ''
    const mod = e.metaKey || e.ctrlKey
    const stroke = (mod ? 'mod+' : '') + (e.key.length === 1 ? e.key.toLowerCase() : e.key)
    if (!mod && (typing(e.target) || document.querySelector('[role=dialog]'))) return ''
    const found = hotkeys.find((h) => h.keys === `${before} ${stroke}`) ?? hotkeys.find((h) => h.keys === stroke)
    if (found) {
      e.preventDefault()
      found.run()
      return ''
    }
    return mod ? '' : stroke
  })
  useEffect(() => {
    let before = ''
    let at = 0
    const listen = (e: KeyboardEvent) => {
      if (['Shift', 'Control', 'Meta', 'Alt'].includes(e.key)) return
      before = onKey(e, e.timeStamp - at < pause ? before : '')
      at = e.timeStamp
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent)

/** A hotkey as people know it from their keyboard. */
export function spell(keys: string): string[] {
  return keys.split(' ').flatMap((k) => (k.startsWith('mod+') ? [mac ? '⌘' : 'Ctrl', k.slice(4).toUpperCase()] : [k.toUpperCase()]))
}

/** Goes to the page's search box, if it has one. */
export function focusSearch() {
  document.querySelector<HTMLElement>('[data-hotkey=search]')?.focus()
}
