/** Prometheus metrics of an engine, by way of `prom-client`, which the host installs. */
export { engineMetrics, type EngineMetrics, type MetricsOptions } from './engine-metrics.js'
export { queueMetrics, vllmMetrics, type LoadMetricsOptions } from './load-metrics.js'
