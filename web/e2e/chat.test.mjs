// Chat: models beside each other, branches, tools, files, the blind vote, the history, the code.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()
const message = (page) => page.getByRole('textbox', { name: 'Message' })
const column = (page, name) => page.getByRole('region', { name, exact: true })

async function ask(page, text) {
  await message(page).fill(text)
  await message(page).press('Enter')
  await answered(page)
}

/** Waits until no answer comes any more. */
async function answered(page) {
  await page.locator('article[aria-label=Answer]').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('article[aria-busy=true]') && document.querySelector('article[aria-label=Answer]'))
}

test('one prompt goes to all models, and each answer says what it took', () =>
  open(w, '/chat', async (page) => {
    await page.getByRole('heading', { name: 'New chat' }).waitFor()
    await inspect(page, 'chat-new')
    await ask(page, 'What does a dragoman do? Write `code` and a list.')
    await page.waitForURL(/chat=[0-9a-f]+/)
    assert.equal(await page.locator('article[aria-label=Answer]').count(), 2)
    const about = column(page, 'Demo Chat').getByRole('button', { name: /about this answer/ })
    assert.match(await about.innerText(), /Demo \w+.*ms.*tok\/s.*→.*tok.*\$0\.0/s)
    await inspect(page, 'chat-answers')
    await about.click()
    const facts = page.getByRole('dialog', { name: 'About this answer' })
    for (const name of ['Provider', 'First token', 'Speed', 'Cost', 'Finish reason', 'Generation']) await facts.getByText(name, { exact: true }).waitFor()
    await facts.getByText(/^gen-/).waitFor()
    await inspect(page, 'chat-facts', { only: ['desktop'] })
  }))

test('a prompt can be edited, asked again, branched and deleted, and nothing is lost', () =>
  open(w, '/chat?models=demo/chat', async (page) => {
    await ask(page, 'The first question')
    await page.getByRole('button', { name: 'Ask again' }).click()
    await page.getByText('2 of 2').waitFor()
    await answered(page)
    await page.getByRole('button', { name: 'Earlier version' }).click()
    await page.getByText('1 of 2').waitFor()

    await page.getByRole('button', { name: 'Edit the prompt' }).click()
    await page.getByRole('textbox', { name: 'The prompt' }).fill('The second question')
    await page.keyboard.press('Control+Enter')
    await page.getByText(/You asked: “The second question”/).waitFor()
    await answered(page)
    await inspect(page, 'chat-versions')
    await page.getByRole('button', { name: 'Earlier version' }).first().click()
    await page.getByText(/You asked: “The first question”/).waitFor()
    await page.getByRole('button', { name: 'Later version' }).first().click()

    await ask(page, 'And then?')
    assert.equal(await page.locator('article[aria-label=Prompt]').count(), 2)
    await page.locator('article[aria-label=Answer]').first().getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Go on from here' }).click()
    await page.getByText('The next prompt begins a new branch here.').waitFor()
    assert.equal(await page.locator('article[aria-label=Prompt]').count(), 1)
    await ask(page, 'Or this?')
    await page.getByText(/You asked: “Or this\?”/).waitFor()
    await page.locator('article[aria-label=Prompt]').nth(1).getByText('2 of 2').waitFor()

    await page.locator('article[aria-label=Answer]').nth(1).getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.waitForFunction(() => document.querySelectorAll('article[aria-label=Answer]').length === 1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/You asked: “Or this\?”/).waitFor()

    await page.reload()
    await page.getByText(/You asked: “Or this\?”/).waitFor()
    await page.locator('article[aria-label=Prompt]').first().getByText('2 of 2').waitFor()
  }))

test('what fails in one column leaves the others alone, and can be asked again', () =>
  open(
    w,
    '/chat?models=demo/chat,demo/thinker',
    async (page) => {
      await page.getByRole('button', { name: 'Parameters of Demo Thinker' }).click()
      const sheet = page.getByRole('dialog', { name: 'Parameters of Demo Thinker' })
      await sheet.getByLabel('Temperature').fill('3')
      await sheet.getByRole('button', { name: 'Save' }).click()
      await sheet.getByText('A number from 0 to 2').last().waitFor()
      await sheet.getByLabel('Temperature').fill('0.4')
      await sheet.getByLabel('Longest answer').fill('20')
      await sheet.getByLabel('Reasoning').selectOption('low')
      await sheet.getByRole('combobox', { name: 'Only these' }).click()
      await page.getByRole('option', { name: 'Demo Amber' }).click() // Demo Basalt's wire has no limit that is lower than its thoughts may be long
      await page.keyboard.press('Escape')
      await inspect(page, 'chat-parameters')
      await sheet.getByRole('button', { name: 'Save' }).click()
      await ask(page, 'Hello [[sim:words=80]]')
      await column(page, 'Demo Thinker').getByText('cut at the limit').waitFor()
      await column(page, 'Demo Thinker').getByText(/^Reasoned for/).click()
      await column(page, 'Demo Chat').getByText(/You asked/).waitFor()

      await page.getByLabel('Send to').selectOption({ label: 'To Demo Thinker' })
      await ask(page, 'Fail, please [[sim:status=400]]')
      await column(page, 'Demo Thinker').getByRole('alert').getByRole('link', { name: 'What was tried' }).waitFor()
      assert.equal(await column(page, 'Demo Chat').locator('article[aria-label=Prompt]').count(), 1)
      await inspect(page, 'chat-failed')
      await column(page, 'Demo Thinker').getByRole('button', { name: 'Ask again' }).last().click()
      await column(page, 'Demo Thinker').getByText('2 of 2').waitFor()
    },
    { expect: [/400/, /502/] },
  ))

test('what comes is followed, also after messages that are longer or shorter than most', () =>
  open(w, '/chat?models=demo/chat', async (page) => {
    await ask(page, 'A long prompt\n'.repeat(30))
    await message(page).fill('More [[sim:words=300]]')
    await page.keyboard.press('Enter')
    const pane = page.getByRole('region', { name: 'Messages with Demo Chat' })
    const below = () => pane.evaluate((p) => p.scrollHeight - p.scrollTop - p.clientHeight)
    const before = await pane.evaluate((p) => p.scrollHeight)
    await page.waitForFunction(([p, height]) => p.scrollHeight > height + 200, [await pane.elementHandle(), before])
    assert.ok((await below()) < 100, `${await below()} pixels of the answer are below what is in sight`)
    await page.keyboard.press('Escape')
  }))

test('answers can be stopped, one or all', () =>
  open(w, '/chat?models=demo/chat,demo/thinker', async (page) => {
    await message(page).fill('Long [[sim:words=2000]]')
    await page.keyboard.press('Enter')
    await column(page, 'Demo Chat').getByText(/You asked/).waitFor()
    await page.getByRole('button', { name: 'Stop Demo Chat' }).click()
    await column(page, 'Demo Chat').getByText('Stopped.').waitFor()
    assert.equal(await column(page, 'Demo Thinker').locator('article[aria-busy=true]').count(), 1)
    await page.keyboard.press('Escape')
    await column(page, 'Demo Thinker').getByText('Stopped.').waitFor()
  }))

test('tools are shown, and go on with a result', () =>
  open(w, '/chat?models=demo/thinker', async (page) => {
    await page.getByRole('button', { name: 'System and tools' }).click()
    const sheet = page.getByRole('dialog', { name: 'System prompt and tools' })
    await sheet.getByLabel('System prompt').fill('You are terse.')
    await sheet.getByLabel('Tools').fill('[{"type": "function"}]')
    await sheet.getByRole('button', { name: 'Save' }).click()
    await sheet.getByText(/Tool 1 has no name/).waitFor()
    await sheet.getByLabel('Tools').fill('')
    await sheet.getByRole('button', { name: 'Begin with an example' }).click()
    await inspect(page, 'chat-settings')
    await sheet.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Parameters of Demo Thinker' }).click()
    await page.getByLabel('Reasoning').selectOption('low')
    await page.getByRole('button', { name: 'Save' }).click()
    await ask(page, 'Use get_weather for Paris')
    await page.getByText('"city"').waitFor()
    await page.getByLabel('Result of get_weather').fill('{"sky": "clear", "celsius": 21}')
    await inspect(page, 'chat-tools')
    await page.getByRole('button', { name: 'Send the result' }).click()
    await page.waitForFunction(() => document.querySelectorAll('article[aria-label=Answer]').length === 2)
    await answered(page)
    await page.getByText(/clear/).last().waitFor()
    assert.equal(await page.getByRole('alert').count(), 0)
  }))

const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

test('pictures and documents go along, and the code has them too', () =>
  open(w, '/chat?models=demo/chat', async (page, context) => {
    const requests = []
    page.on('request', (r) => r.url().endsWith('/chat/completions') && requests.push(r.postDataJSON()))
    await page.getByLabel('Pictures or PDFs', { exact: true }).setInputFiles([
      { name: 'dot.png', mimeType: 'image/png', buffer: picture },
      { name: 'paper.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 nothing'.padEnd(5000, ' ')) },
      { name: 'program.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') },
    ])
    await page.getByText('program.exe is neither a picture (PNG, JPEG, WebP, GIF) nor a PDF').waitFor()
    await page.getByRole('button', { name: 'Remove paper.pdf' }).waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await inspect(page, 'chat-files', { only: ['phone'] })
    await message(page).fill("It's what?")
    await page.getByRole('button', { name: 'Code' }).click()
    const sheet = page.getByRole('dialog', { name: 'Code' })
    await sheet.getByText('Files are shortened here').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Remove paper.pdf' }).click()
    await ask(page, "It's what?")
    const [text, image] = requests[0].messages[0].content
    assert.equal(text.text, "It's what?")
    assert.equal(image.image_url.url, 'data:image/png;base64,' + picture.toString('base64'))
    await page.locator('article[aria-label=Prompt]').getByText('dot.png').waitFor()
    await page.reload()
    await page.locator('article[aria-label=Prompt]').getByText('dot.png').waitFor()
  }))

test('names are hidden until a vote, and votes are counted', () =>
  open(w, '/chat?models=demo/chat,demo/thinker', async (page) => {
    await page.getByRole('button', { name: 'Blind' }).click()
    await column(page, 'Answer A').waitFor()
    await ask(page, 'Who is the better one?')
    const bar = page.getByRole('group', { name: 'Vote' })
    await bar.getByText('Which answer is the best?').waitFor()
    assert.equal(await page.getByRole('button', { name: /about this answer/ }).count(), 0)
    await inspect(page, 'chat-blind')
    await bar.getByRole('button', { name: 'A', exact: true }).click()
    await page.getByText(/^You chose Demo (Chat|Thinker)$/).waitFor()
    await column(page, 'Demo Thinker').waitFor()
    assert.equal(await page.getByRole('button', { name: /about this answer/ }).count(), 2)
    await page.getByRole('button', { name: 'More', exact: true }).first().click()
    await page.getByRole('menuitem', { name: 'Blind votes' }).click()
    await page.getByText('1 vote, kept in this browser alone.').waitFor()
    await page.getByRole('cell', { name: '100%' }).waitFor()
    await inspect(page, 'chat-votes', { only: ['desktop'] })
    await page.keyboard.press('Escape')
    await ask(page, 'And now?')
    await bar.getByRole('button', { name: 'A draw' }).click()
    await page.goto('/chat?open=votes')
    await page.getByText('2 votes, kept in this browser alone.').waitFor()
  }))

test('two answers are compared word by word', () =>
  open(w, '/chat?models=demo/chat,demo/thinker', async (page) => {
    await ask(page, 'Say something')
    await page.getByRole('button', { name: 'Compare' }).click()
    const dialog = page.getByRole('dialog', { name: 'Compare two answers' })
    await dialog.locator('del').first().waitFor()
    assert.ok((await dialog.locator('del').allInnerTexts()).join(' ').includes('chat'))
    assert.ok((await dialog.locator('ins').allInnerTexts()).join(' ').includes('thinker'))
    await inspect(page, 'chat-compare')
    await page.waitForURL(/open=diff/)
  }))

test('the history is searched, renamed, pinned, deleted and brought back, exported and imported', () =>
  open(w, '/chat?models=demo/chat', async (page) => {
    const history = page.getByRole('complementary', { name: 'History' })
    await ask(page, 'About zebras [[sim:words=5]]')
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByRole('heading', { name: 'New chat' }).waitFor()
    await ask(page, 'About okapis')
    await history.getByRole('link', { name: /zebras/ }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.press('Escape')
    await history.getByRole('searchbox').fill('you ASKED okapis')
    await page.waitForFunction(() => document.querySelectorAll('nav[aria-label=Conversations] a').length === 1)
    await history.getByRole('searchbox').fill('nothing has this')
    await history.getByText('Nothing is found').waitFor()
    await history.getByRole('searchbox').fill('')

    await history.getByRole('button', { name: 'More for About okapis' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByLabel('Title').fill('Forest giraffes')
    await page.getByRole('button', { name: 'Rename' }).click()
    await history.getByRole('button', { name: 'More for Forest giraffes' }).click()
    await page.getByRole('menuitem', { name: 'Pin', exact: true }).click()
    await history.getByRole('heading', { name: 'Pinned' }).waitFor()
    await inspect(page, 'chat-history', { only: ['desktop'] })

    await history.getByRole('button', { name: 'More for Forest giraffes' }).click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export' }).click()])
    assert.equal(file.suggestedFilename(), 'Forest giraffes.dragoman.json')
    await history.getByRole('button', { name: 'More for Forest giraffes' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'New chat', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await history.getByRole('link', { name: 'Forest giraffes' }).click()
    await page.getByText(/You asked: “About okapis”/).waitFor()

    await page.getByLabel('Files of conversations').setInputFiles(await file.path())
    await page.getByText('1 conversation imported').waitFor()
    assert.equal(await history.getByRole('link', { name: 'Forest giraffes' }).count(), 2)
    await page.getByLabel('Files of conversations').setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"other"}') })
    await page.getByText('a.json was not exported here').waitFor()
  }))

test('a conversation that is elsewhere says so', () =>
  open(w, '/chat?chat=0123456789abcdef01234567', async (page) => {
    await page.getByText('This conversation is not in this browser').waitFor()
    await inspect(page, 'chat-missing', { only: ['desktop'] })
    await page.getByRole('button', { name: 'Begin a new one' }).click()
    await message(page).waitFor()
  }))

test('the whole way by keyboard', () =>
  open(w, '/models', async (page) => {
    await page.getByRole('link', { name: 'Demo Chat' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Message')
    await page.keyboard.type('One line')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('and another')
    assert.equal(await message(page).inputValue(), 'One line\nand another')
    await page.keyboard.press('Enter')
    await answered(page)
    await page.keyboard.press('ArrowUp')
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'The prompt')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Edited')
    await page.keyboard.press('Control+Enter')
    await page.getByText(/You asked: “Edited”/).first().waitFor()
    await answered(page)
    await page.keyboard.press('n')
    await page.getByRole('heading', { name: 'New chat', level: 1 }).waitFor()
  }))

test('what a model or a person writes is never HTML', () =>
  open(w, '/chat?models=demo/chat', async (page) => {
    const corpus = [
      '<img src=x onerror="window.hit=1">',
      '<script>window.hit=1</script>',
      '[a](javascript:window.hit=1) ![b](http://elsewhere.example/x.png) <svg onload=window.hit=1>',
      '```html\n<iframe srcdoc="<script>parent.hit=1</script>"></iframe>\n```',
      '<a href="data:text/html,x">c</a> <style>*{display:none}</style>',
      '&lt;img src=x onerror=window.hit=1&gt; <math><mtext><img src=x onerror=window.hit=1>',
    ]
    for (const text of corpus) await ask(page, text)
    assert.equal(await page.evaluate(() => window.hit), undefined)
    const bad = await page.evaluate(() => document.querySelectorAll('main script, main iframe, main style, main [onerror], main [onload], main a[href^="javascript:"], main a[href^="data:"], main img:not([src^="data:"])').length)
    assert.equal(bad, 0)
  }))

test('six models stand beside each other, on a phone one after the other', () =>
  open(w, `/chat?models=${Array(6).fill('demo/chat').join(',')}`, async (page) => {
    await ask(page, 'Compare yourselves, please. Write a table | a | b |, and ~~this~~ out.')
    assert.equal(await page.locator('article[aria-label=Answer]').count(), 6)
    assert.equal(await page.getByRole('button', { name: 'Add model' }).isDisabled(), true)
    await inspect(page, 'chat-six')
    await page.setViewportSize({ width: 390, height: 844 })
    await column(page, 'Demo Chat 1').getByRole('button', { name: 'Next column' }).click()
    await page.waitForFunction(() => Math.abs(document.querySelector('section[aria-label="Demo Chat 2"]').getBoundingClientRect().left) < 2)
  }))

test('a link fills in models and prompt, and sends nothing', () =>
  open(w, '/chat?models=demo/thinker&prompt=Hello%20there', async (page) => {
    await column(page, 'Demo Thinker').waitFor()
    assert.equal(await message(page).inputValue(), 'Hello there')
    assert.equal(await page.locator('article').count(), 0)
  }))

/** A file of a conversation with so many exchanges. */
function longConversation(turns) {
  const messages = []
  for (let i = 0; i < turns; i++) {
    const parent = i ? `a${i - 1}` : null
    messages.push({ id: `p${i}`, column: 'c', parent, at: 2 * i, role: 'user', text: `Question ${i}`, files: [], group: `g${i}` })
    messages.push({ id: `a${i}`, column: 'c', parent: `p${i}`, at: 2 * i + 1, role: 'assistant', model: 'demo/chat', text: `Answer ${i}.\n\n- one\n- two\n\n\`\`\`js\nconst n = ${i}\n\`\`\``, reasoning: '', details: [], calls: [], images: [], sources: [], state: 'done' })
  }
  const conversation = { title: 'A long one', columns: [{ id: 'c', model: 'demo/chat', parameters: {}, leaf: `a${turns - 1}` }] }
  return { format: 'dragoman.conversations', version: 1, conversations: [{ conversation, messages, files: [] }] }
}

const importFile = (page, value) => page.getByLabel('Files of conversations').setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(value)) })

test('of a long conversation only what is in sight is in the page', () =>
  open(w, '/chat', async (page) => {
    await message(page).waitFor()
    await importFile(page, longConversation(1000))
    await page.getByRole('link', { name: 'A long one' }).click()
    await page.getByText('Answer 999.').waitFor()
    assert.ok((await page.locator('article').count()) < 30)
    const pane = page.getByRole('region', { name: 'Messages with Demo Chat' })
    await pane.focus()
    await page.keyboard.press('Home')
    await page.getByText('Question 0', { exact: true }).waitFor()
    assert.ok((await page.locator('article').count()) < 30)
    await page.getByRole('button', { name: 'To the end' }).click()
    await page.getByText('Answer 999.').waitFor()
    await inspect(page, 'chat-long', { only: ['desktop'] })
  }))

test('a file that somebody made up is taken for what it can be', () =>
  open(w, '/chat', async (page) => {
    await message(page).waitFor()
    const file = longConversation(2)
    const [{ conversation, messages }] = file.conversations
    Object.assign(conversation, { title: '<b>Odd</b>', pinned: 'yes', tools: 7, blind: { order: 'x' } })
    messages[0].parent = 'a1' // a circle
    Object.assign(messages[1], { images: ['http://elsewhere.example/x.png', 'javascript:1'], sources: [{ url: 'javascript:window.hit=1', title: 'x' }], usage: { prompt_tokens: 'many' }, calls: 'none' })
    messages.push(null, 5, { role: 'nobody' })
    await importFile(page, file)
    await page.getByRole('link', { name: '<b>Odd</b>' }).click()
    await page.getByText('Answer 1.').waitFor()
    assert.equal(await page.locator('main a[href^="javascript"], main img').count(), 0)
    await importFile(page, { format: 'dragoman.conversations', version: 9, conversations: [] })
    await page.getByText('comes from another version').waitFor()
  }))

test('while the models load it says so, and when they fail it can be tried again', () =>
  open(
    w,
    '/models',
    async (page) => {
      let [fail, release] = [true, () => undefined]
      const held = new Promise((resolve) => (release = resolve))
      await page.route('**/api/v1/models?*', async (route) => {
        await held
        return fail ? route.fulfill({ status: 503, json: { error: { code: 503, message: 'The catalogue is being read' } } }) : route.continue()
      })
      await page.goto('/chat')
      await page.getByRole('status', { name: 'Loading' }).waitFor()
      release()
      await page.getByText('The catalogue is being read').waitFor()
      await inspect(page, 'chat-error', { only: ['desktop'] })
      fail = false
      await page.getByRole('button', { name: 'Try again' }).click()
      await message(page).waitFor()
    },
    { expect: [/503/] },
  ))

test('a model’s page leads to a chat with it', () =>
  open(w, '/models/demo/thinker', async (page) => {
    await page.getByRole('main').getByRole('link', { name: 'Chat' }).click()
    await column(page, 'Demo Thinker').waitFor()
    await page.waitForURL('**/chat?models=demo/thinker')
  }))
