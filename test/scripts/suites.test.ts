// @process own
/** The test runner itself: what it counts, and that nothing which goes wrong counts as passed. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingLine, findSuites, runSuites, type RunOptions } from '../../scripts/suites.js'

/** Inside the package, so that the files find uvu. */
const folder = join(fileURLToPath(new URL('../..', import.meta.url)), '.cache', `suites-${process.pid}`)
const head = "import { test } from 'uvu'\n"

const runner = suite('test runner')
runner.before(() => void mkdirSync(folder, { recursive: true }))
runner.after(() => rmSync(folder, { recursive: true }))

async function totals(
  code: string | string[],
  { together = false, ...options }: RunOptions & { together?: boolean } = {},
) {
  const files = [code].flat().map((text, i) => {
    const file = join(folder, `some-${i}.test.ts`)
    writeFileSync(file, text)
    return file
  })
  const { log } = console
  const write = process.stdout.write.bind(process.stdout)
  let printed = ''
  console.log = () => {}
  process.stdout.write = (text: string | Uint8Array) => {
    printed += String(text)
    return true
  }
  try {
    const { passed, failed, skipped, skips, failedFiles } = await runSuites(
      together ? [files] : files.map((file) => [file]),
      process.env,
      options,
    )
    return { counts: [passed, failed, skipped], skips, failedFiles: failedFiles.length, printed }
  } finally {
    console.log = log
    process.stdout.write = write
  }
}

runner('counts what passed, failed and was skipped, and keeps what skips say', async () => {
  const code = `${head}console.log('skipped (no model): b')
test('a', () => {})
test('c', () => { throw new Error('no') })
test.skip('b')
test.run()`
  const { printed, ...counted } = await totals(code)
  assert.equal(counted, { counts: [1, 1, 1], skips: ['skipped (no model): b'], failedFiles: 1 })
  assert.match(printed, 'skipped (no model): b')
})

runner('a file that crashes, runs nothing, stops early or hangs has failed', async () => {
  const broken = [
    [`${head}throw new Error('at once')`],
    [head],
    [`${head}test('waits for what never comes', () => new Promise(() => {}))\ntest.run()`],
    [`${head}test('a', () => process.exit(0))\ntest.run()`],
    [`${head}test('a', () => new Promise(() => setInterval(() => {}, 1000)))\ntest.run()`, 1000],
  ] as const
  for (const [code, limitMs] of broken) {
    const { printed: _, ...counted } = await totals(code, { limitMs })
    assert.equal(counted, { counts: [0, 1, 0], skips: [], failedFiles: 1 }, code)
  }
})

runner('files side by side are all counted, and what each prints stays together', async () => {
  const code = (name: string): string => `${head}
test('prints twice', async () => {
  console.log('${name} begins')
  await new Promise((resolve) => setTimeout(resolve, 50))
  console.log('${name} ends')
})
test.run()`
  const { counts, printed } = await totals(['a', 'b', 'c'].map(code), { atOnce: 3 })
  assert.equal(counts, [3, 0, 0])
  for (const name of ['a', 'b', 'c']) assert.match(printed, `${name} begins\n${name} ends\n`)
})

runner('files in one process are all counted, and one that fails is told by its output', async () => {
  const code = [0, 1].map(
    (n) =>
      `${head}import * as assert from 'uvu/assert'\ntest('is not one ${n}', () => assert.is.not(${n}, 1))\ntest.run()`,
  )
  const { counts, printed } = await totals(code, { together: true, atOnce: 2 })
  assert.equal(counts, [1, 1, 0])
  assert.match(printed, /some-1\.test\.ts[^]*FAIL {2}"is not one 1"/)
  assert.equal((await totals([code[0], `${head}throw new Error('at once')`], { together: true })).counts, [0, 1, 0])
})

runner('suites of one process open native libraries where all say so, and are told how where they do not', async () => {
  const suites = (says: string): string[] => [
    `${says}${head}test('opens', async () => void (await import('onnxruntime-node')))\ntest.run()`,
    `${says}${head}test('another', () => {})\ntest.run()`,
  ]
  const { counts, printed } = await totals(suites(''), { together: true, atOnce: 2 })
  assert.is(counts[1] > 0, true)
  assert.match(printed, '// @process native')
  assert.equal((await totals(suites('// @process native\n'), { together: true })).counts, [2, 0, 0])
})

runner('finds suites in every folder but the one left out', () => {
  mkdirSync(join(folder, 'acceptance'), { recursive: true })
  mkdirSync(join(folder, 'inner'), { recursive: true })
  for (const name of ['acceptance/long.test.ts', 'inner/short.test.ts', 'helper.ts'])
    writeFileSync(join(folder, name), '')
  const names = findSuites(folder, 'acceptance').map((path) => path.slice(folder.length + 1))
  assert.ok(names.includes(join('inner', 'short.test.ts')))
  assert.not.ok(names.some((name) => name.includes('long') || name.includes('helper')))
})

runner('the closing line names skips only where there are any', () => {
  assert.is(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed')
  assert.is(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped')
})

runner.run()
