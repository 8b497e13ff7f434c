const patience = 400 // milliseconds

/**
 * For the loader of a page whose heading is in an answer: waits for it a while, so that the page is drawn once. A page
 * that gets its answer later is drawn without, and says that it loads.
 */
export function soon(answer: Promise<unknown>): Promise<unknown> {
  return Promise.race([answer, new Promise((go) => setTimeout(go, patience))])
}
