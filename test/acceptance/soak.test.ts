/**
 * 10,000 short requests with random options at 16 at once on the micro pair, part of them aborted, abandoned by their
 * reader or cut by their deadline: every one is answered, no slot is lost, and memory does not grow. `SOAK_REQUESTS`
 * sets another number.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateRequest } from '../../src/api/types.js'
import type { SequoiaError } from '../../src/spec/errors.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { TREES } from '../support/equality.js'
import { seeded } from '../support/random-llama.js'
import { samplingFeatures } from '../support/sampling-features.js'

const REQUESTS = Number(process.env.SOAK_REQUESTS ?? 10_000)
const AT_ONCE = 16
const PROMPTS = [
  'This package is',
  '# API\n\n## Usage\n\n```js\nconst',
  'Install with npm. Install with npm. Install with',
  '- [ ] one\n- [ ] two\n- [ ]',
]
/** What may be gained in the second half, when prefix cache and kept grammars are full: garbage not yet collected. */
const GROWTH_BYTES = 32 * 2 ** 20

const soak = suite('soak')
soak.after(closeEngines)

soak(`${REQUESTS} requests with random options and ends leave nothing behind`, async () => {
  const engine = await engineFor({ target: 'micro', maxBatch: AT_ONCE })
  const features = Object.values(await samplingFeatures(engine))
  const before = engine.stats().requests
  const random = seeded(17)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]
  const ends = { whole: 0, aborted: 0, abandoned: 0, late: 0 }
  let sent = 0
  const memory: { rss: number; heap: number }[] = []

  const one = async (n: number): Promise<void> => {
    const controller = new AbortController()
    const request: GenerateRequest = {
      prompt: pick(PROMPTS).repeat(1 + Math.floor(random() * 4)),
      maxTokens: 12 + Math.floor(random() * 16),
      draft: pick(['none', 'model', 'ngram', 'merged']),
      seed: n,
      signal: controller.signal,
      temperature: pick([0, 0.8, 1.2]),
      ...pick(features),
      ...pick<Partial<GenerateRequest>>([{}, {}, {}, { tree: TREES.fork }]),
    }
    const end = pick(['whole', 'whole', 'aborted', 'abandoned', 'late', 'whole', 'whole'] as const)
    const after = Math.floor(random() * 6)
    let parts = 0
    let failure: SequoiaError | undefined
    try {
      for await (const _ of engine.generate({
        ...request,
        ...(end === 'late' && { timeoutMs: 1 + Math.floor(random() * 60) }),
      })) {
        if (parts++ < after || end === 'whole' || end === 'late') continue
        if (end === 'abandoned') break
        controller.abort()
      }
    } catch (error) {
      failure = error as SequoiaError
    }
    assert.ok(
      failure ? end === 'late' && failure.code === 'timeout' : parts > 0,
      `request ${n} (${end}): ${failure ?? 'no answer'}`,
    )
    ends[failure ? 'late' : end === 'late' ? 'whole' : end] += 1
  }
  const client = async (): Promise<void> => {
    while (sent < REQUESTS) {
      const n = sent++
      await one(n)
      if (n % Math.ceil(REQUESTS / 10) === 0)
        memory.push({ rss: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))

  const { received, ended } = engine.stats().requests
  const all = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0)
  assert.equal(
    [all(ends), received - before.received, all(ended) - all(before.ended), ended.timeout, ended.error],
    [REQUESTS, REQUESTS, REQUESTS, ends.late, 0],
  )
  const { slotsUsed, running, waiting } = engine.usage()
  assert.equal({ slotsUsed, running, waiting }, { slotsUsed: 0, running: 0, waiting: 0 })
  const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
  console.log(
    `soak: ${JSON.stringify(ends)}; RSS, MB: ${memory.map(({ rss }) => mb(rss)).join(' ')}; heap, MB: ` +
      `${memory.map(({ heap }) => mb(heap)).join(' ')}`,
  )
  const [early, late] = [memory[Math.floor(memory.length / 2)], memory[memory.length - 1]]
  assert.ok(late.rss - early.rss < GROWTH_BYTES, 'RSS grows')
  assert.ok(late.heap - early.heap < GROWTH_BYTES, 'the heap grows')
})

soak.run()
