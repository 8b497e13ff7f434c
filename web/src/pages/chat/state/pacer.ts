// Shows what streams brought, at most once per frame. A frame's work is bounded: what does not fit waits for the next
// one, in turn, and what is dear to show is shown less often, so that six long answers leave the page as quick as one.
const mostPerFrame = 8 // milliseconds; what is begun below it is finished
const rest = 9 // times as long as it took to show is paused before it is shown again
const hiddenPause = 1000 // milliseconds; a page that is not seen has no frames

type Entry = { show: () => void; from: number }

const waiting = new Map<string, Entry>()
const rested = new Map<string, number>() // when each may be shown again
const nextFrame: (() => void)[] = []
const turns: (() => void)[] = []
let asked = false

/** Has `show` run in a coming frame; the same id is shown once. */
export function soon(id: string, show: () => void) {
  waiting.set(id, { show, from: rested.get(id) ?? 0 })
  ask()
}

/** It needs not be shown any more: its last state was. */
export function drop(id: string) {
  waiting.delete(id)
  rested.delete(id)
}

/** Ends after the next frame: who reads faster than is shown waits for it. */
export function frame(): Promise<void> {
  return new Promise((resolve) => {
    nextFrame.push(resolve)
    ask()
  })
}

/** Ends in a coming frame that it shares with nobody else who waits for a turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    turns.push(resolve)
    ask()
  })
}

function ask() {
  if (asked) return
  asked = true
  if (document.hidden) setTimeout(run, hiddenPause)
  else requestAnimationFrame(run)
}

// A page that is hidden while it waits for a frame gets none.
document.addEventListener('visibilitychange', () => {
  if (asked && document.hidden) setTimeout(run, hiddenPause)
})

function run() {
  asked = false
  const start = performance.now()
  for (const [id, { show, from }] of waiting) {
    if (from > start) continue
    waiting.delete(id)
    const before = performance.now()
    show()
    const after = performance.now()
    rested.set(id, after + rest * (after - before))
    if (after - start > mostPerFrame) break
  }
  for (const resolve of nextFrame.splice(0)) resolve()
  turns.shift()?.()
  if (waiting.size > 0 || turns.length > 0) ask()
}
