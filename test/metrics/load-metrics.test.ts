import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Registry } from 'prom-client'
import type { Generates } from '../../src/api/types.js'
import { queueMetrics, vllmMetrics } from '../../src/metrics/index.js'
import { scriptedEngine } from '../support/scripted-engine.js'

const usage = { slotsUsed: 30, slots: 120, running: 3, waiting: 2 }
const here: Generates = { ...scriptedEngine(), usage: () => usage }
const behind: Generates = { ...here, queue: () => ({ workers: 2, places: 16, running: 12, waiting: 40 }) }

async function linesOf({ registry }: { registry: Registry }): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

test('of a queue tell who waits for all its workers, for autoscaling', async () => {
  assert.equal(await linesOf(queueMetrics({ engines: { m: behind } })), [
    'sequoia_num_requests_running{model="m"} 12',
    'sequoia_num_requests_waiting{model="m"} 40',
    'sequoia_queue_places{model="m"} 16',
    'sequoia_queue_workers{model="m"} 2',
  ])
})

test("under vLLM's names are of engines here and behind a queue, beside what the registry has", async () => {
  const registry = new Registry()
  queueMetrics({ engines: { behind }, registry })
  const lines = await linesOf(vllmMetrics({ engines: { here, behind }, registry }))
  assert.equal(
    lines.filter((line) => line.startsWith('vllm:')),
    [
      'vllm:num_requests_running{model_name="here"} 3',
      'vllm:num_requests_running{model_name="behind"} 12',
      'vllm:num_requests_waiting{model_name="here"} 2',
      'vllm:num_requests_waiting{model_name="behind"} 40',
      'vllm:kv_cache_usage_perc{model_name="here"} 0.25',
      'vllm:kv_cache_usage_perc{model_name="behind"} 0.75',
    ],
  )
  assert.is(lines.length, 10)
})

test.run()
