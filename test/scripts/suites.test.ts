/** The test runner itself: what it counts, and that nothing which goes wrong counts as passed. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingLine, findSuites, runSuites } from '../../scripts/suites.js'

/** Inside the package, so that the files find uvu. */
const folder = join(fileURLToPath(new URL('../..', import.meta.url)), '.cache', `suites-${process.pid}`)
const head = "import { test } from 'uvu'\n"

const runner = suite('test runner')
runner.before(() => void mkdirSync(folder, { recursive: true }))
runner.after(() => rmSync(folder, { recursive: true }))

async function totals(code: string, limitMs?: number) {
  const file = join(folder, 'some.test.ts')
  writeFileSync(file, code)
  const { log } = console
  const write = process.stdout.write.bind(process.stdout)
  console.log = () => {}
  process.stdout.write = () => true
  try {
    const { passed, failed, skipped, skips, failedFiles } = await runSuites([file], process.env, limitMs)
    return { counts: [passed, failed, skipped], skips, failedFiles: failedFiles.length }
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
  assert.equal(await totals(code), { counts: [1, 1, 1], skips: ['skipped (no model): b'], failedFiles: 1 })
})

runner('a file that crashes, runs nothing, stops early or hangs has failed', async () => {
  const broken = [
    [`${head}throw new Error('at once')`],
    [head],
    [`${head}test('waits for what never comes', () => new Promise(() => {}))\ntest.run()`],
    [`${head}test('a', () => process.exit(0))\ntest.run()`],
    [`${head}test('a', () => new Promise(() => setInterval(() => {}, 1000)))\ntest.run()`, 1000],
  ] as const
  for (const [code, limitMs] of broken) assert.equal(await totals(code, limitMs), { counts: [0, 1, 0], skips: [], failedFiles: 1 }, code)
})

runner('finds suites in every folder but the one left out', () => {
  mkdirSync(join(folder, 'acceptance'), { recursive: true })
  mkdirSync(join(folder, 'inner'), { recursive: true })
  for (const name of ['acceptance/long.test.ts', 'inner/short.test.ts', 'helper.ts']) writeFileSync(join(folder, name), '')
  const names = findSuites(folder, 'acceptance').map((path) => path.slice(folder.length + 1))
  assert.ok(names.includes(join('inner', 'short.test.ts')))
  assert.not.ok(names.some((name) => name.includes('long') || name.includes('helper')))
})

runner('the closing line names skips only where there are any', () => {
  assert.is(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed')
  assert.is(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped')
})

runner.run()
