/**
 * How much there is to do, as gauges: of workers behind a queue under our own names, and of any engine under the names
 * that inference gateways read (vLLM's).
 */
import { Gauge, Registry } from 'prom-client'
import type { Generates } from '../api/types.js'

/** Whose load is measured. */
export interface LoadMetricsOptions {
  /** By the name that is their label. */
  engines: Readonly<Record<string, Generates>>
  /** Default: a new one. */
  registry?: Registry
}

interface LoadGauge {
  help: string
  read(engine: Generates): number
}

/** Of a queue all its requests; of an engine here its own. */
const running = (engine: Generates): number => (engine.queue?.() ?? engine.usage()).running
const waiting = (engine: Generates): number => (engine.queue?.() ?? engine.usage()).waiting
const places = (engine: Generates): number => engine.queue?.().places ?? engine.info.maxBatch
const RUNNING = { help: 'Requests that decode or read their prompt.', read: running }
const WAITING = { help: 'Requests that wait for a place.', read: waiting }

const QUEUE_GAUGES: Readonly<Record<string, LoadGauge>> = {
  num_requests_running: RUNNING,
  num_requests_waiting: WAITING,
  queue_places: { help: 'Requests that all workers together answer at once.', read: places },
  queue_workers: { help: 'Workers that are there.', read: (engine) => engine.queue?.().workers ?? 0 },
}

const VLLM_GAUGES: Readonly<Record<string, LoadGauge>> = {
  'vllm:num_requests_running': RUNNING,
  'vllm:num_requests_waiting': WAITING,
  'vllm:kv_cache_usage_perc': {
    help: 'Share of the K/V cache in use, 0 to 1; of a queue, the share of places.',
    read: (engine) => {
      const { slotsUsed, slots } = engine.usage()
      return engine.queue || slots === 0 ? running(engine) / Math.max(1, places(engine)) : slotsUsed / slots
    },
  },
}

/**
 * Gauges of engines behind a queue (`remoteEngine`), for autoscaling: `sequoia_num_requests_waiting` and others, with
 * the label `model`. Throws what `prom-client` throws where the registry has one of that name.
 */
export const queueMetrics = ({ engines, registry = new Registry() }: LoadMetricsOptions): { registry: Registry } =>
  gauges(QUEUE_GAUGES, 'sequoia_', 'model', engines, registry)

/**
 * Gauges under vLLM's names (`vllm:num_requests_waiting`), with the label `model_name`, for gateways that choose a
 * server by them. Throws what `prom-client` throws where the registry has one of that name.
 */
export const vllmMetrics = ({ engines, registry = new Registry() }: LoadMetricsOptions): { registry: Registry } =>
  gauges(VLLM_GAUGES, '', 'model_name', engines, registry)

function gauges(
  all: Readonly<Record<string, LoadGauge>>,
  prefix: string,
  label: string,
  engines: Readonly<Record<string, Generates>>,
  registry: Registry,
): { registry: Registry } {
  for (const [name, { help, read }] of Object.entries(all))
    registry.registerMetric(
      new Gauge({
        name: prefix + name,
        help,
        labelNames: [label],
        registers: [],
        collect() {
          for (const [model, engine] of Object.entries(engines)) this.set({ [label]: model }, read(engine))
        },
      }),
    )
  return { registry }
}
