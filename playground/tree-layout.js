/** Where the nodes of a step's tree lie: levels from left to right, leaves below each other. */

/**
 * The nodes with their places; the target's own token is one more, at the end of the path. Leaves take a row each,
 * parents lie amid their children.
 */
export function layOut({ parents, texts, target, draft, path, next }) {
  const nodes = parents.map((parent, i) => ({
    text: texts[i],
    target: target[i],
    draft: draft[i],
    kind: i === 0 ? 'root' : path.includes(i) ? 'accepted' : 'rejected',
    children: [],
    parent,
  }))
  for (const node of nodes) {
    node.parent = nodes[node.parent]
    node.depth = node.parent ? node.parent.depth + 1 : 0
    node.parent?.children.push(node)
  }
  const last = nodes[path.at(-1) ?? 0]
  const own = { text: next, kind: 'own', children: [], parent: last, depth: last.depth + 1 }
  last.children.push(own)
  setRows(nodes[0])
  return [...nodes, own]
}

/** Gives each node below `root` its row, and returns how many there are. */
export function setRows(root) {
  let rows = 0
  const place = (node) => {
    node.children.forEach(place)
    node.row = node.children.length === 0 ? rows++ : (node.children[0].row + node.children.at(-1).row) / 2
  }
  place(root)
  return rows
}
