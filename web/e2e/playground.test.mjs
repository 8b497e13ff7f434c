// The playgrounds: embeddings, pictures, speech in both directions.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { inspect, open, settled, world } from './harness.mjs'
import { corpus, harmless, written } from './hostile.mjs'
import { startServices, wav } from './services.mjs'

let services
const w = world({ config: async () => (services = await startServices()).config })
after(() => services?.stop())
const bare = world()

test('without a model of the kind it says what to do', () =>
  open(bare, '/playground/images', async (page) => {
    await page.getByText('No model makes pictures').waitFor()
    await page.getByRole('link', { name: 'See which there are' }).click()
    await page.waitForURL(/models\?.*outputs=image/)
  }))

test('texts are compared by their embeddings', () =>
  open(w, '/playground', async (page) => {
    await page.waitForURL('**/playground/embeddings')
    await page.getByRole('button', { name: 'Compare' }).waitFor()
    await page.getByRole('textbox', { name: 'Texts' }).fill('the red cat sleeps\na red cat sleeps here\nnothing alike whatsoever')
    await page.getByRole('button', { name: 'Compare' }).click()
    const table = page.getByRole('region', { name: 'Similarity of the texts' })
    await table.waitFor()
    const first = (await table.getByRole('row').nth(1).getByRole('cell').allInnerTexts()).map(Number)
    assert.equal(first[0], 1)
    assert.ok(first[1] > 0.6 && first[2] < first[1], first.join())
    await page.getByText('“the red cat sleeps” and “a red cat sleeps here”').waitFor()
    await page.getByText('42 tokens').waitFor()
    await page.getByText(/^gen-/).waitFor()
    await page.getByLabel('Dimensions').fill('16')
    await page.waitForURL(/dimensions=16/)
    await page.getByRole('textbox', { name: 'Texts' }).fill(['A cat sleeps on the sofa.', 'The kitten sleeps on the couch.', 'Interest rates rose by a quarter point.', 'The central bank raised rates.', 'Paris is the capital of France.', 'My bicycle has a flat tyre.'].join('\n'))
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByText(/with 16 dimensions/).waitFor()
    await inspect(page, 'embeddings')
  }))

test('an error is told, and goes with the next answer', () =>
  open(
    w,
    '/playground/embeddings',
    async (page) => {
      services.state.fail = true
      await page.getByRole('button', { name: 'Compare' }).click()
      await page.getByRole('alert').waitFor()
      await inspect(page, 'embeddings-failed', { only: ['desktop'] })
      services.state.fail = false
      await page.getByRole('button', { name: 'Compare' }).click()
      await page.getByRole('region', { name: 'Similarity of the texts' }).waitFor()
      assert.equal(await page.getByRole('alert').count(), 0)
    },
    { expect: [/400/, /502/] },
  ))

test('pictures are made, one or several, and downloaded', () =>
  open(w, '/playground/images', async (page) => {
    await page.getByText('No pictures yet').waitFor()
    await page.getByLabel('Prompt').fill('A lighthouse in fog')
    await page.getByLabel('How many').selectOption('3')
    await page.getByLabel('Size').selectOption('1536x1024')
    await page.waitForURL(/size=1536x1024&n=3|n=3&size=1536x1024/)
    services.state.wait = 1500
    await page.getByRole('button', { name: 'Make' }).click()
    await page.getByRole('status', { name: 'The pictures are being made' }).waitFor()
    await page.getByRole('img', { name: 'A lighthouse in fog, 3 of 3' }).waitFor()
    services.state.wait = 0
    assert.ok(await page.getByRole('img', { name: 'A lighthouse in fog, 1 of 3' }).evaluate((i) => i.complete && i.naturalWidth > 0))
    await inspect(page, 'images')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download picture 2' }).click()])
    assert.equal(file.suggestedFilename(), 'a-lighthouse-in-fog-2.png')
  }))

test('what takes long is stopped', () =>
  open(w, '/playground/images', async (page) => {
    services.state.wait = 8000
    await page.getByLabel('Prompt').fill('Slow')
    await page.getByRole('button', { name: 'Make' }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('No pictures yet').waitFor()
    services.state.wait = 0
  }))

test('a text is spoken', () =>
  open(w, '/playground/speech', async (page) => {
    await page.getByLabel('Text', { exact: true }).fill('Good morning.')
    await page.getByLabel('Format').selectOption('wav')
    await page.getByRole('button', { name: 'Speak' }).click()
    const player = page.getByLabel('What was spoken')
    await player.waitFor()
    await page.waitForFunction(() => document.querySelector('audio')?.duration === 1)
    await inspect(page, 'speech')
  }))

test('sound is transcribed, from a file', () =>
  open(w, '/playground/speech?do=transcribe', async (page) => {
    await page.getByText('Drop a file with sound here').waitFor()
    await inspect(page, 'transcribe-start', { only: ['phone'] })
    await page.getByLabel('File with sound').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no') })
    await page.getByText('notes.txt is no sound').waitFor()
    await page.getByLabel('File with sound').setInputFiles({ name: 'memo.wav', mimeType: 'audio/wav', buffer: wav(2) })
    await page.getByRole('button', { name: 'Transcribe' }).click()
    await page.getByText(/^What was said in/).waitFor()
    await inspect(page, 'transcribe')
  }))

test('sound is transcribed, from the microphone', () =>
  open(w, '/playground/speech?do=transcribe', async (page) => {
    await page.getByRole('button', { name: 'Record' }).click()
    await page.getByText('The microphone is on.').waitFor()
    await page.getByRole('button', { name: 'Stop recording' }).click()
    await page.getByText(/^recording\.webm, /).waitFor()
    await page.getByRole('button', { name: 'Transcribe' }).click()
    await page.getByText('What was said in recording.webm.').waitFor()
  }))

/** Runs `act` with every hostile text, which the provider then says wherever it can. */
async function hostile(page, act) {
  for (const text of Object.values(corpus)) {
    services.state.hostile = text
    await act(text)
    await settled(page)
    await written(page, text)
    await harmless(page)
  }
  services.state.hostile = ''
}

test('a picture with a script in it, and what is said about it, do nothing', () =>
  open(w, '/playground/images', (page) =>
    hostile(page, async (text) => {
      const answer = page.waitForResponse('**/api/v1/images')
      await page.getByLabel('Prompt').fill(text)
      await page.getByRole('button', { name: 'Make' }).click()
      assert.match(JSON.stringify(await (await answer).json()), /svg/)
    }),
  ))

test('texts that are compared are texts', () =>
  open(w, '/playground/embeddings', (page) =>
    hostile(page, async (text) => {
      await page.getByRole('textbox', { name: 'Texts' }).fill(`${text}\nanother`)
      await page.getByRole('button', { name: 'Compare' }).click()
      await page.getByText(/^gen-/).waitFor()
    }),
  ))

test('a transcript, its file’s name and a provider’s error are texts', () =>
  open(
    w,
    '/playground/speech?do=transcribe',
    (page) =>
      hostile(page, async (text) => {
        await page.getByLabel('File with sound').setInputFiles({ name: text.replaceAll('/', ''), mimeType: 'audio/wav', buffer: wav(1) })
        await page.getByRole('button', { name: 'Transcribe' }).click()
        await page.getByRole('button', { name: 'Copy the transcript' }).waitFor()
        await written(page, text)
        services.state.fail = true
        await page.getByRole('button', { name: 'Transcribe' }).click()
        await page.getByRole('alert').getByText(text.slice(0, 30)).waitFor()
        services.state.fail = false
      }),
    { expect: [/400/, /502/] },
  ))

test('sound that is a page is no page', () =>
  open(
    w,
    '/playground/speech',
    async (page) => {
      services.state.hostile = corpus.raw
      await page.getByLabel('Text', { exact: true }).fill(corpus.script)
      await page.getByRole('button', { name: 'Speak' }).click()
      await page.getByLabel('What was spoken').or(page.getByRole('alert')).waitFor()
      await settled(page)
      await harmless(page)
      services.state.hostile = ''
    },
    { expect: [/502/] },
  ))
