/** Small multiples of line plots as one SVG text; lines may have a band around them. */
import { COLORS, escaped, page } from './plot-style.js'

export interface Point {
  x: number
  y: number
  low?: number
  high?: number
}

export interface Panel {
  title: string
  lines: { label: string; points: readonly Point[] }[]
}

export interface Plot {
  title: string
  xLabel: string
  /** Default: logarithmic, through the given values. */
  xScale?: 'logarithmic' | 'linear'
  panels: readonly Panel[]
}

const WIDTH = 300
const HEIGHT = 240
const MARGIN = { left: 46, top: 34, right: 14, bottom: 40 }
const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom }
/** Most panels beside each other, and pixels of an entry of the legend without its label, and of a character. */
const [ACROSS, ENTRY, CHARACTER] = [3, 46, 6.4]

interface Scale {
  xs: readonly number[]
  ys: readonly number[]
  x(value: number): string
  y(value: number): string
}

/**
 * The title names what y is. y is shared by all panels and starts at 1, or at 0 where it goes far. Labels of the first
 * panel make the legend; a line has the colour of its label everywhere.
 */
export function linePlot({ title, xLabel, xScale = 'logarithmic', panels }: Plot): string {
  const scale = scaleOf(panels, xScale)
  const labels = [...new Set(panels.flatMap(({ lines }) => lines.map(({ label }) => label)))]
  const across = Math.min(ACROSS, panels.length)
  const width = WIDTH * across
  const legend = legendOf(labels, width)
  const plots = panels.map((panel, i) => {
    const [x, y] = [(i % across) * WIDTH, 30 + Math.floor(i / across) * HEIGHT]
    return `<g transform="translate(${x} ${y})">${drawn(panel, scale, xLabel, labels)}</g>`
  })
  const top = 44 + Math.ceil(panels.length / across) * HEIGHT
  return page(width, top + legend.height, title, [...plots, `<g transform="translate(0 ${top})">${legend.drawn}</g>`])
}

function scaleOf(panels: readonly Panel[], kind: Plot['xScale']): Scale {
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points))
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b)
  const most = Math.max(...points.map(({ y, high }) => high ?? y))
  const step = tickStep(most)
  const bottom = step === 1 ? 1 : 0
  const top = Math.ceil(most / step) * step
  const [first, last] = [xs[0], xs[xs.length - 1]]
  const share = (x: number): number =>
    kind === 'linear' ? (x - first) / (last - first) : Math.log(x / first) / Math.log(last / first)
  return {
    xs,
    ys: Array.from({ length: Math.round((top - bottom) / step) + 1 }, (_, i) => bottom + i * step),
    x: (value) => (MARGIN.left + INNER.width * share(value)).toFixed(1),
    y: (value) => (MARGIN.top + INNER.height * (1 - (value - bottom) / (top - bottom))).toFixed(1),
  }
}

function drawn({ title, lines }: Panel, scale: Scale, xLabel: string, labels: readonly string[]): string {
  const color = (label: string): string => COLORS[labels.indexOf(label) % COLORS.length]
  const at = (points: readonly Point[], y: (point: Point) => number): string =>
    points.map((point) => `${scale.x(point.x)},${scale.y(y(point))}`).join(' ')
  const bands = lines.map(({ label, points }) => {
    const banded = points.filter(({ low, high }) => low !== undefined && high !== undefined)
    if (banded.length < 2) return ''
    const around = `${at(banded, ({ high }) => high!)} ${at([...banded].reverse(), ({ low }) => low!)}`
    return `<polygon fill="${color(label)}" fill-opacity="0.15" points="${around}"/>`
  })
  const strokes = lines.map(
    ({ label, points }) =>
      `<polyline fill="none" stroke="${color(label)}" stroke-width="2" points="${at(points, ({ y }) => y)}"/>`,
  )
  const grid = scale.ys.map((value) => gridLine(value, scale.y(value)))
  const ticks = scale.xs.map(
    (x) => `<text x="${scale.x(x)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${x}</text>`,
  )
  return (
    `<text x="${WIDTH / 2}" y="18" text-anchor="middle" class="strong">${escaped(title)}</text>` +
    [...grid, ...ticks, ...bands, ...strokes].join('') +
    `<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(xLabel)}</text>`
  )
}

/** Labels in rows as wide as the plot. */
function legendOf(labels: readonly string[], width: number): { drawn: string; height: number } {
  let [x, y] = [14, 0]
  const entries = labels.map((label, i) => {
    const length = ENTRY + label.length * CHARACTER
    if (x + length > width) [x, y] = [14, y + 20]
    const entry =
      `<g transform="translate(${x.toFixed(0)} ${y + 12})"><line x1="0" x2="22" y1="-4" y2="-4" ` +
      `stroke="${COLORS[i % COLORS.length]}" stroke-width="3"/><text x="28">${escaped(label)}</text></g>`
    x += length
    return entry
  })
  return { drawn: entries.join(''), height: y + 28 }
}

function gridLine(value: number, y: string): string {
  return (
    `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}"/><text ` +
    `x="${MARGIN.left - 6}" y="${Number(y) + 4}" text-anchor="end">${value}</text>`
  )
}

/** A round distance that puts about six lines below `most`; 1 up to ten. */
function tickStep(most: number): number {
  if (most <= 10) return 1
  const decade = 10 ** Math.floor(Math.log10(most / 6))
  return decade * [1, 2, 5, 10].find((factor) => decade * factor * 6 >= most)!
}
