/** The Grafana dashboard, held against the metrics that there are: its queries read by Prometheus' own grammar. */
import { readFileSync } from 'node:fs'
import { parser } from '@prometheus-io/lezer-promql'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { observedMetrics, readMetrics, type ReadMetric } from '../../src/metrics/definitions.js'

interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { expr: string; legendFormat: string }[]
}

const { panels, templating } = JSON.parse(
  readFileSync(new URL('../../deploy/grafana/sequoia.json', import.meta.url), 'utf8'),
) as {
  panels: Panel[]
  templating: { list: { name: string; definition?: string }[] }
}
const PREFIX = 'sequoia_'
/** Every name on the page of metrics, with the labels it has beside `model`. */
const series = new Map<string, string[]>([
  ...Object.entries<ReadMetric>(readMetrics).map(([name, { label }]): [string, string[]] => [
    name,
    label ? [label] : [],
  ]),
  ...Object.keys(observedMetrics).flatMap((name): [string, string[]][] => [
    [`${name}_bucket`, ['le']],
    [`${name}_sum`, []],
    [`${name}_count`, []],
  ]),
])
const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
)

/** Texts of all nodes of a kind in a query, Grafana's variables filled in; fails where the grammar finds a fault. */
function read(expr: string, kind: string): string[] {
  const text = expr.replaceAll('$__rate_interval', '5m').replaceAll('$model', '.*')
  const found: string[] = []
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      assert.not.ok(type.isError, `${expr}: not PromQL at ${from}`)
      if (type.name === kind) found.push(text.slice(from, to))
    },
  })
  return found
}

test('every query is PromQL and names metrics and labels that there are', () => {
  assert.ok(queries.length > 20)
  for (const { title, expr, legendFormat } of queries) {
    const names = read(expr, 'VectorSelector').map((selector) => /^\w+/.exec(selector)![0])
    assert.ok(names.length > 0, title)
    const labels = new Set(['model'])
    for (const name of names) {
      assert.ok(
        name.startsWith(PREFIX) && series.has(name.slice(PREFIX.length)),
        `${title}: there is no metric ${name}`,
      )
      for (const label of series.get(name.slice(PREFIX.length))!) labels.add(label)
    }
    const used = [...read(expr, 'LabelName'), ...[...legendFormat.matchAll(/{{(\w+)}}/g)].map(([, label]) => label)]
    for (const label of used) assert.ok(labels.has(label), `${title}: no metric of ${expr} has a label ${label}`)
    if (expr.includes('histogram_quantile'))
      assert.ok(read(expr, 'LabelName').includes('le'), `${title}: quantiles need le`)
  }
})

test('counters are shown as rates, gauges as they are, and every metric is on the page', () => {
  const shown = new Set<string>()
  for (const { expr, title } of queries) {
    for (const selector of read(expr, 'VectorSelector')) {
      const name = /^\w+/.exec(selector)![0].slice(PREFIX.length)
      shown.add(name.replace(/_(bucket|sum|count)$/, ''))
      const isGauge = name in readMetrics && (readMetrics as Record<string, ReadMetric>)[name].kind === 'gauge'
      assert.is(expr.includes(`rate(${PREFIX}${name}{`), !isGauge, `${title}: ${name}`)
    }
  }
  assert.equal(
    [...Object.keys(readMetrics), ...Object.keys(observedMetrics)].filter((name) => !shown.has(name)),
    [],
  )
})

test('the list of models is read from a metric, and panels have places of their own and say what they show', () => {
  const models = templating.list.find(({ name }) => name === 'model')!
  const [, name] = /^label_values\((\w+), model\)$/.exec(models.definition!)!
  assert.ok(series.has(name.slice(PREFIX.length)))
  assert.is(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Map<string, string>()
  for (const {
    type,
    title,
    description,
    gridPos: { x, y, w, h },
  } of panels) {
    if (type !== 'row') assert.ok(description, title)
    assert.ok(x + w <= 24, title)
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        assert.not.ok(taken.has(`${column} ${line}`), `${title} lies over ${taken.get(`${column} ${line}`)}`)
        taken.set(`${column} ${line}`, title)
      }
    }
  }
})

test.run()
