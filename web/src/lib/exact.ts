// Amounts to the last digit, as integers: prices have fifteen decimals, which a binary fraction cannot hold.

const decimals = 15
const one = 10n ** BigInt(decimals)

/** A decimal text such as "0.0000004" in units of 10^-15. */
function units(decimal: string): bigint {
  const [, sign = '', whole = '0', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  const size = BigInt(whole) * one + BigInt(part.padEnd(decimals, '0').slice(0, decimals))
  return sign ? -size : size
}

/** A price times a whole number, as a decimal text without trailing zeros beyond the second decimal. */
export function times(price: string, n: number): string {
  const product = units(price) * BigInt(n)
  const part = (product % one).toString().padStart(decimals, '0').replace(/0+$/, '').padEnd(2, '0')
  return `${product / one}.${part}`
}

/** Indents JSON without reading its numbers, which may be greater than JavaScript's. */
export function indented(json: string): string {
  let out = ''
  let depth = 0
  const tokens = json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)
  let before = ''
  for (const [token] of tokens) {
    if (token === '}' || token === ']') depth--
    const empty = (before === '{' && token === '}') || (before === '[' && token === ']')
    const starts = before === '{' || before === '[' || before === ',' || token === '}' || token === ']'
    if (starts && !empty && before) out += '\n' + '  '.repeat(depth)
    out += token === ':' ? ': ' : token
    if (token === '{' || token === '[') depth++
    before = token
  }
  return out
}
