// Shows what streams brought once per frame. A frame's work is bounded: what does not fit waits for the next one, in
// turn, so that six streams leave the page as quick as one.
const mostPerFrame = 10 // milliseconds
const hiddenPause = 1000 // milliseconds; a page that is not seen has no frames

const waiting = new Map<string, () => void>()
const nextFrame: (() => void)[] = []
let asked = false

/** Has `show` run in a coming frame; the same id is shown once. */
export function soon(id: string, show: () => void) {
  waiting.set(id, show)
  ask()
}

/** It needs not be shown any more: its last state was. */
export function drop(id: string) {
  waiting.delete(id)
}

/** Ends after the next frame: who reads faster than is shown waits for it. */
export function frame(): Promise<void> {
  return new Promise((resolve) => {
    nextFrame.push(resolve)
    ask()
  })
}

function ask() {
  if (asked) return
  asked = true
  if (document.hidden) setTimeout(run, hiddenPause)
  else requestAnimationFrame(run)
}

function run() {
  asked = false
  const start = performance.now()
  for (const [id, show] of waiting) {
    waiting.delete(id)
    show()
    if (performance.now() - start > mostPerFrame) break
  }
  for (const resolve of nextFrame.splice(0)) resolve()
  if (waiting.size > 0) ask()
}
