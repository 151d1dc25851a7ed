// @process own, all cores
/** The playground in headless Chromium, the micro pair decoding behind it. */
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { chromium as playwright, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { test } from 'uvu'
import { chromium } from '../../scripts/host-runtimes.js'
import { startServer, type RunningServer } from '../../src/cli/server.js'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { collect } from '../support/equality.js'
import { hostTest } from '../support/hosts.js'
import { eventually } from '../support/http-app.js'

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const PHONE = { width: 360, height: 740 }
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const question = 'Write a function that adds two numbers.'

let engine: Engine
let server: RunningServer
let browser: Browser

test.before(async () => {
  if (!chromium()) return
  // Room for an answer of the greatest length that ends before it is stopped, and for another after it.
  engine = await engineFor({ target: 'micro', maxContext: 1024 })
  server = await startServer({ host: '127.0.0.1', port: 0 })
  server.serve([{ engine }])
  browser = await playwright.launch({ executablePath: chromium(), args: QUIET })
})
test.after(async () => {
  await browser?.close()
  await server?.drain()
  await closeEngines()
})

/**
 * Opens the page; fails the test when anything is asked of another host, or the page or its policy complains of what is
 * not expected.
 */
function onPage(
  name: string,
  options: BrowserContextOptions,
  run: (page: Page) => Promise<void>,
  expected: RegExp[] = [],
): void {
  hostTest('browser', name, async () => {
    const page = await browser.newPage(options)
    const complaints: string[] = []
    page.on(
      'request',
      (request) =>
        void (
          new URL(request.url()).origin === server.url ||
          request.url().startsWith('data:') ||
          complaints.push(request.url())
        ),
    )
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', (error) => void complaints.push(error.message))
    try {
      await page.goto(server.url)
      await run(page)
      assert.equal(
        complaints.filter((one) => !expected.some((known) => known.test(one))),
        [],
      )
    } finally {
      await page.close()
    }
  })
}

async function ask(page: Page, text = question): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
}

const verdict = (page: Page): Promise<string> => page.locator('#verdict', { hasText: 'the texts are' }).innerText()
const answerOf = (page: Page): Promise<string> =>
  page.locator('.message.assistant').evaluate((element) =>
    Array.from(element.childNodes)
      .slice(1)
      .map((node) => node.textContent)
      .join(''),
  )

onPage("the answer is the engine's, its confirmed guesses tinted, and equals plain decoding", {}, async (page) => {
  await ask(page)
  assert.match(
    await verdict(page),
    /^\d\.\d\d tokens per step, [\d.]+ × the speed of plain decoding; the texts are equal\.$/,
  )
  const { text, stats } = await collect(engine, { messages: [{ role: 'user', content: question }], maxTokens: 200 })
  assert.is(await answerOf(page), text)
  const tinted = await page.locator('.message mark.accepted').count()
  assert.ok(tinted > stats.tokens / 10 && tinted < stats.tokens, `${tinted} of ${stats.tokens} tokens are tinted`)
  for (const id of ['#spec-rate', '#plain-rate']) assert.match(await page.locator(id).innerText(), /^[\d,]+ tok\/s$/)
})

onPage('a sampled answer equals plain decoding too', {}, async (page) => {
  await page.getByLabel('Temperature').fill('0.8')
  await ask(page)
  assert.match(await verdict(page), 'the texts are equal')
})

onPage('the tree has the size asked for, and is walked by keyboard', {}, async (page) => {
  await page.getByRole('slider', { name: 'Tree' }).fill('12')
  await ask(page)
  await verdict(page)
  const items = page.getByRole('treeitem')
  assert.is(await items.count(), 13)
  await items.first().focus()
  assert.match(await page.locator('#node').innerText(), 'the token before this step')
  await page.keyboard.press('ArrowRight')
  assert.match(await page.locator('#node').innerText(), /: (accepted|rejected); model (<1|\d+) %, draft (<1|\d+) %/)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowLeft')
  assert.match(await page.locator('#node').innerText(), 'the token before this step')
  assert.ok((await page.locator('.node.accepted').count()) > 0)
  await page.getByRole('slider', { name: 'Step' }).fill('1')
  assert.match(await page.locator('#step-shown').innerText(), /^1 of \d+$/)
  assert.match(
    (await page.locator('#plot svg').getAttribute('aria-label')) ?? '',
    /^Accepted by depth\. depth 1: \d+ %/,
  )
})

onPage('stopping frees every slot, and the chat goes on', {}, async (page) => {
  await page.getByLabel('Length').fill('500')
  await ask(page)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('stopped').waitFor()
  await eventually(() => engine.usage().slotsUsed === 0 && engine.usage().running === 0)
  await page.getByLabel('Length').fill('20')
  await ask(page)
  assert.match(await verdict(page), 'the texts are equal')
})

onPage(
  'what the server refuses is said in its own words',
  {},
  async (page) => {
    await page.route('**/v1/chat/completions', (route) =>
      route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), temperature: 9 }) }),
    )
    const alert = page.getByRole('alert')
    await ask(page)
    assert.match(await alert.innerText(), 'temperature must be at most 2; got 9')
  },
  [/status of 400/],
)

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [PHONE, { width: 1280, height: 900 }]) {
    onPage(
      `is accessible and fits at ${viewport.width} pixels, ${colorScheme}`,
      { viewport, colorScheme },
      async (page) => {
        await page.getByLabel('Length').fill('40')
        await ask(page)
        await verdict(page)
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          'the page scrolls sideways',
        )
        await page.evaluate(AXE)
        const violations = await page.evaluate(async () => {
          const { violations } = await (
            globalThis as unknown as {
              axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
            }
          ).axe.run()
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
        })
        assert.equal(violations, [])
      },
    )
  }
}

test.run()
