const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })

/** The name of a country, from its code of ISO 3166-1; what is none is left as it is. */
export function country(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code
}
