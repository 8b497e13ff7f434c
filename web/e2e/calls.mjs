// What a page asks of the API.

/** Counts the calls of the API that a page makes while it is opened, with those of the frame. */
export function countCalls(page) {
  const calls = []
  page.on('request', (r) => r.url().includes('/api/v1/') && calls.push(`${r.method()} ${r.url()}`))
  return calls
}
