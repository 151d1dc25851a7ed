/** Draws a planned tree, and speed-up over budgets, as wide as their page has room, so that letters keep their size. */
import { svg } from './svg.js'
import { setRows } from './tree-layout.js'

/** Pixels. A page that is not shown yet has no width. */
const [NARROWEST, HEIGHT, MARGIN] = [240, 240, 34]
const fitting = (width) => Math.max(NARROWEST, width)

/** The tree from left to right, its first child drawn first. */
export function drawTree(parents, room) {
  const width = fitting(room)
  const nodes = parents.map((parent) => ({ parent, depth: 0, children: [] }))
  for (const node of nodes) {
    const above = nodes[node.parent]
    if (!above) continue
    node.depth = above.depth + 1
    above.children.push(node)
  }
  const rows = setRows(nodes[0])
  const depth = Math.max(1, ...nodes.map((node) => node.depth))
  const step = { x: (width - 20) / depth, y: (HEIGHT - 20) / Math.max(1, rows - 1) }
  const radius = Math.max(1.5, Math.min(5, step.y / 2.5))
  const x = (node) => 10 + node.depth * step.x
  const y = (node) => (rows === 1 ? HEIGHT / 2 : 10 + node.row * step.y)
  const drawing = svg('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: 'img',
    'aria-label': `Tree of ${parents.length} nodes, ${Math.max(...nodes.map((node) => node.depth))} levels`,
  })
  for (const node of nodes)
    for (const child of node.children)
      drawing.append(svg('path', { class: 'edge', d: `M${x(node)} ${y(node)}L${x(child)} ${y(child)}` }))
  for (const node of nodes) drawing.append(svg('circle', { class: 'dot', cx: x(node), cy: y(node), r: radius }))
  return drawing
}

/** `lines`: `{ label, kind, values }`, a value for each budget; a mark stands at the chosen budget. */
export function drawLines(budgets, lines, chosen, room) {
  const width = fitting(room)
  const most = Math.max(1.5, ...lines.flatMap(({ values }) => values))
  const last = Math.log2(budgets.at(-1))
  const x = (budget) => MARGIN + ((width - 2 * MARGIN) * Math.log2(budget)) / last
  const y = (value) => HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (value - 1)) / (most - 1)
  const words = lines.map(({ label, values }) => `${label} ${values.at(-1).toFixed(2)}`).join(', ')
  const drawing = svg('svg', {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: 'img',
    'aria-label': `Speed-up at ${budgets.at(-1)} nodes: ${words}`,
  })
  for (let value = 1; value <= most; value += most > 4 ? 1 : 0.5)
    drawing.append(
      svg('path', { class: 'rule', d: `M${MARGIN} ${y(value)}H${width - MARGIN}` }),
      svg('text', { x: MARGIN - 14, y: y(value) + 4 }, value.toFixed(1)),
    )
  for (const budget of budgets) drawing.append(svg('text', { x: x(budget), y: HEIGHT - MARGIN + 18 }, String(budget)))
  drawing.append(svg('path', { class: 'rule chosen', d: `M${x(chosen)} ${MARGIN / 2}V${HEIGHT - MARGIN}` }))
  for (const { kind, values } of lines)
    drawing.append(
      svg('polyline', { class: `line ${kind}`, points: budgets.map((b, i) => `${x(b)},${y(values[i])}`).join(' ') }),
    )
  return drawing
}
