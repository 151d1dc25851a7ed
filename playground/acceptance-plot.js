/** How often a guess was right, by its depth in the tree: bars, and the same in words. */
import { percent, svg } from './svg.js'

const [BAR, GAP, HEIGHT, FOOT] = [34, 10, 84, 18]

export class AcceptancePlot {
  constructor(container) {
    this.container = container
    this.clear()
  }

  clear() {
    /** [depth - 1] steps whose tree reached so deep, and those whose path did. */
    this.offered = []
    this.accepted = []
  }

  add({ parents, path }) {
    const depths = []
    for (const parent of parents) depths.push(parent < 0 ? 0 : depths[parent] + 1)
    const deepest = Math.max(...depths)
    for (let depth = 1; depth <= deepest; depth++) {
      this.offered[depth - 1] = (this.offered[depth - 1] ?? 0) + 1
      this.accepted[depth - 1] = (this.accepted[depth - 1] ?? 0) + (path.length >= depth ? 1 : 0)
    }
  }

  draw() {
    if (this.offered.length === 0) return
    const shares = this.offered.map((offered, i) => this.accepted[i] / offered)
    const width = shares.length * (BAR + GAP)
    const words = shares.map((share, i) => `depth ${i + 1}: ${percent(share)}`).join(', ')
    const drawing = svg('svg', {
      viewBox: `0 0 ${width} ${HEIGHT + FOOT + 14}`,
      width,
      height: HEIGHT + FOOT + 14,
      role: 'img',
      'aria-label': `Accepted by depth. ${words}`,
    })
    shares.forEach((share, i) => {
      const x = i * (BAR + GAP) + GAP / 2
      const y = 14 + HEIGHT * (1 - share)
      drawing.append(
        svg('rect', { class: 'track', x, y: 14, width: BAR, height: HEIGHT, rx: 4 }),
        svg(
          'rect',
          { class: 'bar', x, y, width: BAR, height: HEIGHT * share, rx: 4 },
          svg('title', {}, `${this.accepted[i]} of ${this.offered[i]} steps`),
        ),
        svg('text', { x: x + BAR / 2, y: y - 3 }, percent(share).replace(' %', '')),
        svg('text', { class: 'foot', x: x + BAR / 2, y: 14 + HEIGHT + FOOT - 4 }, `+${i + 1}`),
      )
    })
    this.container.replaceChildren(drawing)
  }
}
