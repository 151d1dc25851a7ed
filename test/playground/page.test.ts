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

/** Asks for the comparison, and waits for what it says. */
async function verdict(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Decode it plainly too' }).click()
  return page.locator('#verdict', { hasText: 'the texts are' }).innerText()
}

const answered = (page: Page): Promise<void> => page.locator('#verdict', { hasText: 'tokens per step' }).waitFor()

/** The text of the last answer, as the page copies it. */
async function answerOf(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy' }).last().click()
  await page.getByRole('button', { name: 'Copied' }).last().waitFor()
  return page.evaluate(() => navigator.clipboard.readText())
}

/** Makes the server's answers say this text, in one step, after what was thought. */
async function answerWith(
  page: Page,
  text: string,
  { thought, trace }: { thought?: string; trace?: object } = {},
): Promise<void> {
  const events = [
    ...(thought === undefined ? [] : [{ choices: [{ delta: { reasoning_content: thought } }] }]),
    { choices: [{ delta: { content: text }, finish_reason: 'stop' }], ...(trace && { sequoia: { trace } }) },
    { choices: [], usage: { completion_tokens: 7 } },
  ]
  const body = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`
  await page.route('**/v1/chat/completions', (route) => route.fulfill({ contentType: 'text/event-stream', body }))
}

async function pinTree(page: Page, nodes: number): Promise<void> {
  await page.getByText('Experiment: a tree of fixed size').click()
  await page.getByRole('slider', { name: 'Tree' }).fill(String(nodes))
}

onPage("the answer is the engine's, its confirmed guesses tinted, and equals plain decoding", {}, async (page) => {
  await pinTree(page, 8)
  await ask(page)
  await answered(page)
  const { text, stats } = await collect(engine, { messages: [{ role: 'user', content: question }], maxTokens: 200 })
  assert.is(await answerOf(page), text)
  assert.ok((await page.locator('.message mark.accepted').count()) > 0)
  assert.match(await page.locator('.message.assistant .note').innerText(), new RegExp(`^${stats.tokens} tokens`))
  assert.match(
    await verdict(page),
    /^\d\.\d\d tokens per step, [\d.]+ × the speed of plain decoding; the texts are equal\.$/,
  )
  for (const id of ['#spec-rate', '#plain-rate']) assert.match(await page.locator(id).innerText(), /^[\d,]+ tok\/s$/)
})

onPage('a sampled answer of the planner equals plain decoding too', {}, async (page) => {
  await page.getByLabel('Temperature').fill('0.8')
  await ask(page)
  await answered(page)
  assert.match(await verdict(page), 'the texts are equal')
})

onPage('the tree has the size asked for, and is walked by keyboard', {}, async (page) => {
  await pinTree(page, 12)
  await ask(page)
  await answered(page)
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

onPage('Markdown is shown as such, tinted text and all, and markup of the model is not let in', {}, async (page) => {
  await answerWith(
    page,
    '**Bold** and `code`\n\n```js\nlet a = 1\n```\n\n<img src=x onerror=alert(1)><script>alert(2)</script>' +
      '[link](javascript:alert(3)) [good](https://example.com/)',
  )
  await ask(page)
  await page.getByText('7 tokens').waitFor()
  const body = page.locator('.message.assistant .body')
  assert.is(await body.locator('strong').innerText(), 'Bold')
  assert.is(await body.locator('pre code').innerText(), 'let a = 1\n')
  assert.is(await body.locator('img, script').count(), 0)
  assert.match(await body.innerText(), '<img src=x onerror=alert(1)>')
  assert.is(await body.locator('a[href^="javascript"]').count(), 0)
  assert.is(await body.locator('a[href]').getAttribute('rel'), 'noopener noreferrer nofollow')
})

onPage('what is guessed of a fence, which is not shown, tints nothing behind it', {}, async (page) => {
  const guessed = '```python\n'
  const trace = {
    parents: [-1, 0],
    texts: ['a', guessed],
    target: [null, 1],
    draft: [null, 1],
    path: [1],
    next: 'p',
    ms: 1,
  }
  await answerWith(page, `${guessed}print(1)\u2028\n\`\`\``, { trace })
  await ask(page)
  await page.getByText('7 tokens').waitFor()
  assert.is(await page.locator('.body pre code').textContent(), 'print(1)\u2028\n')
  assert.is(await page.locator('.body mark').count(), 0)
})

onPage('what a model thinks is folded above its answer, and is no part of it', {}, async (page) => {
  await answerWith(page, 'Forty-two.', { thought: 'Six times **seven**.\n' })
  await ask(page)
  await page.getByText('7 tokens').waitFor()
  const thinking = page.locator('.message.assistant details')
  assert.is(await thinking.locator('summary').innerText(), 'Thought')
  const thought = page.getByText('Six times **seven**.')
  assert.not(await thought.isVisible())
  await thinking.locator('summary').focus()
  await page.keyboard.press('Enter')
  assert.ok(await thought.isVisible())
  assert.is(await answerOf(page), 'Forty-two.')
})

onPage('a token too long for its box is cut there, and read out whole', {}, async (page) => {
  const trace = {
    parents: [-1, 0],
    texts: ['a', ' function of many'],
    target: [null, 0.5],
    draft: [null, 0.5],
    path: [],
    next: ' b',
    ms: 1,
  }
  await answerWith(page, ' b', { trace })
  await ask(page)
  await page.getByText('7 tokens').waitFor()
  assert.is(await page.locator('.node.rejected text').textContent(), '␣function␣of␣many')
  // The box of a nested drawing is that of what it holds, cut or not: what cuts it is its size and its overflow.
  const box = await page.locator('.node.rejected rect').getAttribute('width')
  const cut = page.locator('.node.rejected svg')
  assert.is(await cut.getAttribute('width'), box)
  assert.is(await cut.evaluate((element) => getComputedStyle(element).overflowX), 'hidden')
  await page.getByRole('treeitem', { name: '“␣function␣of␣many”: rejected; model 50 %' }).waitFor()
  await assertAccessible(page)
})

onPage('an answer cut short says so; it is tried again, and its question edited', {}, async (page) => {
  await page.getByLabel('Length').fill('20')
  await ask(page)
  await page.getByText('20 tokens, cut short').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('20 tokens, cut short').waitFor()
  assert.is(await page.locator('.message').count(), 2)
  await page.getByRole('button', { name: 'Edit' }).click()
  assert.is(await page.getByLabel('Message', { exact: true }).inputValue(), question)
  assert.is(await page.locator('.message').count(), 0)
})

onPage('settings and the system prompt outlast the page and reach the server', {}, async (page) => {
  await page.getByLabel('System prompt').fill('Be brief.')
  await page.getByLabel('Length').fill('40')
  await page.getByLabel('Length').dispatchEvent('change')
  await page.reload()
  assert.is(await page.getByLabel('System prompt').inputValue(), 'Be brief.')
  assert.is(await page.getByLabel('Length').inputValue(), '40')
  const asked = page.waitForRequest('**/v1/chat/completions')
  await ask(page)
  const body = (await asked).postDataJSON() as { max_tokens: number; model: string; messages: object[] }
  assert.is(body.max_tokens, 40)
  assert.is(body.model, 'micro')
  assert.equal(body.messages[0], { role: 'system', content: 'Be brief.' })
  await answered(page)
})

onPage(
  'a server that loads is waited for and says how far it is; one that wants a key is given one',
  {},
  async (page) => {
    let looks = 0
    await page.route('**/health/ready', (route) =>
      ++looks === 1
        ? route.fulfill({
            status: 503,
            json: { status: 'loading', progress: { text: 'import micro', part: 'layer 2', done: 1, total: 4 } },
          })
        : route.continue(),
    )
    await page.route('**/v1/models', (route) =>
      route.request().headers().authorization === 'Bearer secret'
        ? route.continue()
        : route.fulfill({ status: 401, json: { error: { message: 'no key' } } }),
    )
    await page.reload()
    await page.getByText('import micro: layer 2 (25 %)').waitFor()
    await page.getByText('This server wants an API key.').waitFor()
    await page.getByLabel('for servers that want one').fill('wrong')
    await page.keyboard.press('Tab')
    await page.getByText('This API key does not open the server.').waitFor()
    await page.getByLabel('for servers that want one').fill('secret')
    await page.keyboard.press('Tab')
    await page.getByRole('combobox', { name: 'Model' }).waitFor()
    assert.is(await page.locator('#state').innerText(), '')
  },
  [/status of (503|401)/],
)

onPage('stopping frees every slot, and the chat goes on', {}, async (page) => {
  await page.getByLabel('Length').fill('500')
  await ask(page)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('stopped').waitFor()
  await eventually(() => engine.usage().slotsUsed === 0 && engine.usage().running === 0)
  await page.getByLabel('Length').fill('20')
  await ask(page)
  await answered(page)
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

async function assertAccessible(page: Page): Promise<void> {
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways')
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
}

for (const colorScheme of ['light', 'dark'] as const) {
  onPage(
    `the planner's page plans as its reader sets it, ${colorScheme}`,
    { viewport: PHONE, colorScheme },
    async (page) => {
      await page.getByRole('link', { name: 'planner' }).click()
      const best = page.locator('#best', { hasText: /tokens a step/ })
      await best.waitFor()
      const nodes = async (): Promise<number> => Number(/^\d+/.exec(await best.innerText())![0])
      const before = await nodes()
      assert.is(await page.locator('#tree circle').count(), before)
      await page.getByLabel('A further row takes').fill('0')
      await page.getByRole('slider', { name: 'Budget' }).fill('8')
      assert.ok((await nodes()) > before)
      assert.is(await page.locator('#plot polyline').count(), 2)
      // As on a wide page: letters are not shrunk with the drawing.
      const letter = await page.locator('#plot text', { hasText: '256' }).boundingBox()
      assert.ok(letter!.height >= 10, `letters of ${letter!.height} pixels`)
      await page.getByLabel('First guess is right').fill('5')
      await page.getByLabel('If not, another one is').fill('0')
      await page.getByLabel('A level of drafting takes').fill('50')
      assert.match(await page.locator('#best').innerText(), 'No tree pays')
      await assertAccessible(page)
    },
  )
  for (const viewport of [PHONE, { width: 1280, height: 900 }]) {
    onPage(
      `is accessible and fits at ${viewport.width} pixels, ${colorScheme}`,
      { viewport, colorScheme },
      async (page) => {
        await page.getByLabel('Length').fill('40')
        await ask(page)
        await answered(page)
        await verdict(page)
        await assertAccessible(page)
      },
    )
  }
}

test.run()
