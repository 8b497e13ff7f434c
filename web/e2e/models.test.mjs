// Choosing a model: the list with its facets, models beside each other, one model's page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, open, world } from './harness.mjs'

const w = world()
const rows = (page) => page.getByRole('grid', { name: 'Models' }).getByRole('row')

test('the list shows what can be used, or all', () =>
  open(w, '/models', async (page) => {
    await page.getByRole('link', { name: 'Demo Chat' }).waitFor()
    await page.getByText('2 models', { exact: true }).waitFor()
    await page.getByLabel('Also unavailable').click()
    await page.waitForURL('**/models?all=true')
    await page.getByText('needs a key').first().waitFor()
    await inspect(page, 'models-all')
  }))

test('search, facets and order are in the address', () =>
  open(w, '/models?all=true', async (page) => {
    await page.getByText('needs a key').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('claude')
    await page.waitForURL('**/models?all=true&q=claude')
    await page.getByRole('combobox', { name: 'Authors' }).click()
    await page.getByRole('option', { name: /^anthropic/ }).click()
    await page.keyboard.press('Escape')
    await page.waitForURL(/authors=anthropic/)
    await page.getByRole('button', { name: 'Input / M' }).click()
    await page.waitForURL(/sort=input/)
    const prices = await page.getByRole('grid', { name: 'Models' }).getByRole('row').allInnerTexts()
    assert.ok(prices.length > 3)
    await inspect(page, 'models-filtered', { only: ['desktop'] })
    await page.goto('/models?q=there-is-no-such-model')
    await page.getByText('No model matches').waitFor()
    await page.getByRole('button', { name: 'Clear the filters' }).click()
    await page.getByRole('link', { name: 'Demo Chat' }).waitFor()
  }))

test('the keyboard goes through the rows and into a model', () =>
  open(w, '/models?all=true', async (page) => {
    await rows(page).nth(3).waitFor()
    await rows(page).nth(1).focus()
    const all = Number(await page.getByRole('grid', { name: 'Models' }).getAttribute('aria-rowcount')) - 1
    for (const [key, least, most] of [['ArrowDown', 1, 1], ['ArrowDown', 2, 2], ['PageDown', 5, 40], ['End', all - 1, all - 1], ['Home', 0, 0], ['ArrowDown', 1, 1]]) {
      await page.keyboard.press(key)
      await page.waitForFunction(([a, b]) => document.activeElement?.dataset.index >= a && document.activeElement?.dataset.index <= b, [least, most])
    }
    const name = await page.evaluate(() => document.activeElement?.querySelector('a')?.textContent)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name }).waitFor()
  }))

test('models stand beside each other with the cost of a month', () =>
  open(w, '/models', async (page) => {
    await page.getByLabel('Compare Demo Chat').click()
    await page.getByLabel('Compare Demo Thinker').click()
    await page.getByRole('button', { name: 'Compare 2' }).click()
    const sheet = page.getByRole('dialog', { name: 'Compare 2 models' })
    await sheet.getByLabel('Requests').fill('1000000')
    // 1,000,000 × (1500 × $0.10 + 300 × $0.40) / 1,000,000
    await sheet.getByText('$270.00').waitFor()
    await inspect(page, 'models-compare')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Clear choice' }).click()
    await page.waitForURL('**/models')
  }))

test('a model’s page has its endpoints, parameters and a sample', () =>
  open(w, '/models', async (page) => {
    await page.getByRole('link', { name: 'Demo Thinker' }).click()
    await page.getByText('demo-cobalt').waitFor()
    await page.getByRole('button', { name: 'Output / M' }).click()
    await page.waitForURL(/sort=output/)
    await page.getByRole('tab', { name: 'Parameters' }).click()
    await page.getByText('reasoning_effort').waitFor()
    await inspect(page, 'model-parameters', { only: ['desktop'] })
    await page.getByRole('tab', { name: 'API' }).click()
    await page.getByRole('button', { name: 'Python' }).click()
    await page.getByText('from openai import OpenAI').waitFor()
    await page.getByRole('button', { name: 'Copy sample' }).click()
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /model="demo\/thinker"/)
    await inspect(page, 'model-api')
  }))

test('a model that is not there says so', () =>
  open(
    w,
    '/models/nobody/nothing',
    async (page) => {
      await page.getByRole('alert').waitFor()
    },
    { expect: [/404/] },
  ))

test('while the list loads it says so, and when it fails it can be tried again', () =>
  open(
    w,
    '/settings',
    async (page) => {
      let fail = true
      await page.route('**/api/v1/models?*', async (route) => {
        if (!fail) return route.continue()
        await new Promise((resolve) => setTimeout(resolve, 700))
        await route.fulfill({ status: 503, json: { error: { code: 503, message: 'The database does not answer; try again' } } })
      })
      await page.getByRole('link', { name: 'Models' }).click()
      await page.getByRole('status', { name: 'Loading' }).waitFor()
      await page.getByText('The database does not answer; try again').waitFor()
      fail = false
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('link', { name: 'Demo Chat' }).waitFor()
    },
    { expect: [/503/] },
  ))

test('a text that its column cuts is whole on hover', () =>
  open(w, '/models?all=true&q=nova', async (page) => {
    const cell = page.getByRole('gridcell').filter({ hasText: /^text, image, video/ }).first()
    await cell.hover()
    assert.match(await cell.getAttribute('title'), /→ text$/)
    const other = page.getByRole('gridcell', { name: 'amazon', exact: true }).first()
    await other.hover()
    assert.ok(!(await other.getAttribute('title')), 'a text that is whole is told again')
  }))
