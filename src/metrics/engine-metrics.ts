/**
 * Puts an engine's counters and events into a `prom-client` registry: the host's, or one of its own, never the global
 * one.
 */
import { Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client'
import type { Engine, EngineEventMap, EngineEventName } from '../api/types.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { observedMetrics, readMetrics, type ReadMetric } from './definitions.js'

/**
 * Which engines are measured, and how their metrics are named.
 */
export interface MetricsOptions {
  /** One engine, its metrics labelled with its model's name. Exactly one of `engine`, `engines`. */
  engine?: Engine
  /** Several, by what their metrics are to have as label `model`. */
  engines?: Readonly<Record<string, Engine>>
  /** Default: a new one. */
  registry?: Registry
  /** Comes before every name; default `sequoia_`. */
  prefix?: string
  /** Further labels, the same on every metric. */
  labels?: Readonly<Record<string, string>>
}

/**
 * Metrics that are registered, until `close`.
 */
export interface EngineMetrics {
  /** `await registry.metrics()` is the page, `registry.contentType` its type. */
  readonly registry: Registry
  /** Takes the metrics out of the registry and stops listening. */
  close(): void
}

type ObservedName = keyof typeof observedMetrics

const OPTIONS = ['engine', 'engines', 'registry', 'prefix', 'labels']
/** What may come before a name that has to match `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
const PREFIX = /^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/

/**
 * Registers the metrics of docs/metrics.md. Counters are read from the engine when the registry is asked; histograms
 * listen to its events.
 *
 * ```ts
 * import { register } from 'prom-client'
 * const metrics = engineMetrics({ engine, registry: register })
 * ```
 *
 * Throws `InvalidArgumentError` for a wrong option, and what `prom-client` throws where the registry has a metric of
 * that name.
 */
export function engineMetrics(options: MetricsOptions): EngineMetrics {
  const { engines, registry, prefix, labels } = checked(options)
  const labelNames = ['model', ...Object.keys(labels)]
  const common = (name: string, help: string): { name: string; help: string; registers: Registry[] } => ({
    name: prefix + name,
    help,
    registers: [],
  })
  const labelsOf = (model: string): Record<string, string> => ({ ...labels, model })
  const readAll = oncePerTick(() => engines.map(([model, engine]) => ({ model, stats: engine.stats() })))

  const readers = Object.entries<ReadMetric>(readMetrics).map(
    ([name, { kind, help, label, read }]) =>
      new (kind === 'counter' ? Counter : Gauge)({
        ...common(name, help),
        labelNames: label ? [...labelNames, label] : labelNames,
        collect() {
          this.reset()
          for (const { model, stats } of readAll()) {
            const value = read(stats)
            if (typeof value === 'number') this.inc(labelsOf(model), value)
            else for (const [of, one] of Object.entries(value)) this.inc({ ...labelsOf(model), [label!]: of }, one)
          }
        },
      }),
  )
  const histograms = Object.fromEntries(
    Object.entries(observedMetrics).map(([name, { help, buckets }]) => [
      name,
      new Histogram({ ...common(name, help), labelNames, buckets: [...buckets] }),
    ]),
  ) as Record<ObservedName, Histogram>
  const all: Metric[] = [...readers, ...Object.values(histograms)]
  for (const metric of all) registry.registerMetric(metric)
  const unlisten = engines.map(([model, engine]) =>
    listen(engine, (name, value) => histograms[name].observe(labelsOf(model), value)),
  )

  return {
    registry,
    close: () => {
      for (const stop of unlisten) stop()
      for (const { name } of all as (Metric & { name: string })[]) registry.removeSingleMetric(name)
    },
  }
}

/**
 * What `read` gives, kept for the rest of the tick: the metrics of a page are all collected in one, and so tell of one
 * moment.
 */
function oncePerTick<T>(read: () => T): () => T {
  let kept: { value: T } | null = null
  return () => {
    if (!kept) {
      kept = { value: read() }
      queueMicrotask(() => (kept = null))
    }
    return kept.value
  }
}

/** Turns events into observations, times into seconds; returns what ends it. */
function listen({ events }: Engine, observe: (name: ObservedName, value: number) => void): () => void {
  const stops: (() => void)[] = []
  const on = <K extends EngineEventName>(name: K, listener: (event: EngineEventMap[K][0]) => void): void => {
    // The emitter's own type of a listener is a conditional one, which a type parameter does not resolve.
    const given = listener as Parameters<typeof events.on<K>>[1]
    events.on(name, given)
    stops.push(() => void events.off(name, given))
  }
  on('start', ({ waitedMs }) => observe('request_queue_time_seconds', waitedMs / 1000))
  on('firstToken', ({ ms }) => observe('time_to_first_token_seconds', ms / 1000))
  on('end', ({ ms }) => observe('e2e_request_latency_seconds', ms / 1000))
  on('step', ({ ms, shares }) => {
    observe('step_seconds', ms / 1000)
    observe('step_requests', shares.length)
    for (const { nodes, accepted, tokens, sinceMs } of shares) {
      observe('spec_decode_tree_nodes', nodes)
      if (nodes > 1) observe('spec_decode_accepted_length', accepted)
      if (sinceMs !== null)
        for (let i = 0; i < tokens; i++) observe('inter_token_latency_seconds', sinceMs / tokens / 1000)
    }
  })
  return () => stops.forEach((stop) => stop())
}

function checked(options: MetricsOptions): {
  engines: [string, Engine][]
  registry: Registry
  prefix: string
  labels: Readonly<Record<string, string>>
} {
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key))
  if (unknown) throw new InvalidArgumentError(unknown, `unknown option "${unknown}"; known are ${OPTIONS.join(', ')}`)
  const { engine, engines, registry = new Registry(), prefix = 'sequoia_', labels = {} } = options
  if ((engine === undefined) === (engines === undefined))
    throw new InvalidArgumentError('engine', 'give engine, or engines by name; not both')
  const all: [string, Engine][] = engine ? [[engine.info.model, engine]] : Object.entries(engines!)
  if (all.some(([, one]) => typeof one?.stats !== 'function'))
    throw new InvalidArgumentError(
      engine ? 'engine' : 'engines',
      'an engine must be what openEngine() resolves to; await it first',
    )
  if (!PREFIX.test(prefix))
    throw new InvalidArgumentError(
      'prefix',
      `prefix must be letters, digits, _ and :, no digit first; got ${JSON.stringify(prefix)}`,
    )
  const taken = Object.keys(labels).find((name) =>
    ['model', 'position', 'phase', 'finished_reason', 'le'].includes(name),
  )
  if (taken)
    throw new InvalidArgumentError('labels', `label "${taken}" is used by the metrics themselves; choose another name`)
  return { engines: all, registry, prefix, labels }
}
