/** A path within the app, from a text that anybody could have put into a link; "/" for anything else. */
export function ownPath(to: string | undefined): string {
  if (!to?.startsWith('/') || to.startsWith('//') || to.includes('\\')) return '/'
  return new URL(to, location.origin).origin === location.origin ? to : '/'
}

/**
 * Takes the secret out of a link's fragment, such as `#token=…`: browsers do not send fragments, and nothing of it
 * stays in the address.
 */
export function takeFragment(name: string): string {
  const value = new URLSearchParams(location.hash.slice(1)).get(name) ?? ''
  if (value) history.replaceState(history.state, '', location.pathname + location.search)
  return value
}

/** A new password's shortcoming, if it has one. */
export function weakness(password: string): string | undefined {
  return [...password].length < shortestPassword ? `At least ${shortestPassword} characters` : undefined
}

const shortestPassword = 10 // as the gateway demands
