import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { barPlot } from '../../bench/bar-plot.js'
import { linePlot } from '../../bench/line-plot.js'

const points = [
  { x: 1, y: 1, low: 0.9, high: 1.1 },
  { x: 16, y: 3, low: 2.5, high: 3.5 },
]

test('a line goes through its points, and its band around them', () => {
  const svg = linePlot({ title: 'a < b', xLabel: 'nodes', panels: [{ title: 'p', lines: [{ label: 'one', points }] }] })
  assert.match(svg, '<title>a &lt; b</title>')
  assert.is(svg.match(/<polyline[^>]* points="[\d. ,]+"/g)!.length, 1)
  assert.is(svg.match(/<polygon[^>]* points="([\d. ,]+)"/)![1].split(' ').length, 4)
  assert.match(svg, 'prefers-color-scheme:dark')
  assert.not.match(svg, 'NaN')
})

test('more than three panels take several rows, and a label has one colour in all of them', () => {
  const line = (label: string) => ({ label, points: points.map(({ x, y }) => ({ x, y })) })
  const panels = [['a', 'b'], ['b'], ['a'], ['b']].map((labels, i) => ({ title: `${i}`, lines: labels.map(line) }))
  const svg = linePlot({ title: 't', xLabel: 'x', xScale: 'linear', panels })
  assert.match(svg, 'viewBox="0 0 900 ')
  const colors = [...svg.matchAll(/<polyline fill="none" stroke="(#\w+)"/g)].map(([, color]) => color)
  assert.equal(colors, [colors[0], colors[1], colors[1], colors[0], colors[1]])
  assert.is.not(colors[0], colors[1])
})

test('bars are as long as their values, with a range where there is one', () => {
  const bars = [
    { label: 'a', value: 1 },
    { label: 'b', value: 2, least: 1.5, most: 2.5 },
  ]
  const svg = barPlot('ratios', [{ title: 'g', bars }])
  const [one, two] = [...svg.matchAll(/<rect x="210" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width))
  assert.ok(Math.abs(two - 2 * one) < 0.2)
  assert.is(svg.match(/class="range"/g)!.length, 1)
})

test.run()
