/**
 * Draws the tree of one step: levels from left to right, the path that was taken filled, the target's own token at its
 * end.
 */
import { percent, svg } from './svg.js'
import { layOut } from './tree-layout.js'

const [COLUMN, ROW, WIDTH, HEIGHT] = [86, 30, 70, 22]
/** Most characters of a token's text that its box has room for. */
const SHOWN = 8

export class TreeView {
  /** `describe` gets a sentence about the node in focus or under the pointer. */
  constructor(container, describe) {
    this.container = container
    this.describe = describe
    container.addEventListener('keydown', (event) => this.move(event))
    for (const type of ['focusin', 'pointerover'])
      container.addEventListener(type, ({ target }) => {
        const item = target.closest?.('[role=treeitem]')
        if (item) describe(item.getAttribute('aria-label'))
      })
  }

  show(trace) {
    const nodes = layOut(trace)
    const width = Math.max(...nodes.map(({ depth }) => depth)) * COLUMN + WIDTH + 4
    const height = Math.max(...nodes.map(({ row }) => row)) * ROW + HEIGHT + 4
    const drawing = svg('svg', {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'tree',
      'aria-label': `Tree of ${trace.parents.length} nodes, ${trace.path.length} accepted`,
    })
    for (const node of nodes) if (node.parent) drawing.append(edge(node))
    nodes.forEach((node, i) => drawing.append(box(node, i === 0)))
    this.items = nodes
    this.container.replaceChildren(drawing)
  }

  /** Arrow keys walk the tree: left to the parent, right to the first child, up and down among siblings. */
  move(event) {
    const items = [...this.container.querySelectorAll('[role=treeitem]')]
    const at = items.indexOf(document.activeElement)
    if (at < 0) return
    const node = this.items[at]
    const siblings = this.items.filter(({ parent }) => parent === node.parent)
    const next = {
      ArrowLeft: () => node.parent,
      ArrowRight: () => this.items.find(({ parent }) => parent === node),
      ArrowUp: () => siblings[siblings.indexOf(node) - 1],
      ArrowDown: () => siblings[siblings.indexOf(node) + 1],
      Home: () => this.items[0],
    }[event.key]
    if (!next) return
    event.preventDefault()
    const to = next()
    if (!to) return
    items[at].setAttribute('tabindex', '-1')
    const item = items[this.items.indexOf(to)]
    item.setAttribute('tabindex', '0')
    item.focus()
  }
}

function edge(node) {
  const [x1, y1] = [node.parent.depth * COLUMN + WIDTH + 2, node.parent.row * ROW + HEIGHT / 2 + 2]
  const [x2, y2] = [node.depth * COLUMN + 2, node.row * ROW + HEIGHT / 2 + 2]
  const middle = (x1 + x2) / 2
  return svg('path', { class: `edge ${node.kind}`, d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` })
}

function box(node, isFirst) {
  const label = sentence(node)
  return svg(
    'g',
    {
      class: `node ${node.kind}`,
      transform: `translate(${node.depth * COLUMN + 2} ${node.row * ROW + 2})`,
      role: 'treeitem',
      'aria-level': node.depth + 1,
      'aria-label': label,
      tabindex: isFirst ? 0 : -1,
    },
    svg('title', {}, label),
    svg('rect', { width: WIDTH, height: HEIGHT, rx: 6 }),
    // Cut at the box's end by the inner drawing: what is shown must have whole words of the label.
    svg('svg', { width: WIDTH, height: HEIGHT }, textOf(node)),
  )
}

function sentence({ kind, text, target, draft }) {
  const shown = `“${spaced(text)}”`
  if (kind === 'root') return `${shown}: the token before this step`
  if (kind === 'own') return `${shown}: the model's own token`
  return `${shown}: ${kind}; model ${percent(target)}${draft === null ? '' : `, draft ${percent(draft)}`}`
}

const spaced = (text) => text.replaceAll('\n', '⏎').replaceAll(' ', '␣')

function textOf({ text }) {
  const shown = spaced(text)
  const y = HEIGHT / 2 + 4
  return shown.length > SHOWN ? svg('text', { class: 'long', x: 5, y }, shown) : svg('text', { x: WIDTH / 2, y }, shown)
}
