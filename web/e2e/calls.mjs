// What a page asks of the API.

/** The calls of the API that a page makes while it is opened, with those of the frame; they begin anew when it is reloaded. */
export function countCalls(page) {
  const calls = []
  page.on('request', (r) => {
    if (r.isNavigationRequest()) calls.length = 0
    if (r.url().includes('/api/v1/')) calls.push(`${r.method()} ${r.url()}`)
  })
  return calls
}
