// What a page asks of the API.

/** Counts the calls of the API that a page makes while it is opened, without those of the frame. */
export function countCalls(page) {
  const calls = []
  const frame = /\/api\/v1\/(session|workspaces)/
  page.on('request', (r) => r.url().includes('/api/v1/') && !frame.test(r.url()) && calls.push(r.url()))
  return calls
}
