/**
 * Marks in rendered text what was guessed. Rendering drops characters of the source (`**`, a fence) and keeps the order
 * of the others, so each rendered character is the next one like it in the source.
 */

/** How far a rendered character's source may lie ahead: a line of a fence, a link's address. */
const AHEAD = 400

/** `guessed`: a flag for each character of `source`, which `element` shows. */
export function tint(element, source, guessed) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const nodes = []
  while (walker.nextNode()) nodes.push(walker.currentNode)
  let at = 0
  for (const node of nodes) {
    const flags = Array.from({ length: node.data.length }, (_, i) => {
      const found = source.indexOf(node.data[i], at)
      if (found < 0 || found - at > AHEAD) return false
      at = found + 1
      return guessed[found]
    })
    node.replaceWith(...runs(node.data, flags))
  }
}

/** Text with its flagged runs in `mark`. */
function runs(text, flags) {
  const parts = []
  for (let start = 0; start < text.length;) {
    let end = start + 1
    while (end < text.length && flags[end] === flags[start]) end++
    parts.push(flags[start] ? marked(text.slice(start, end)) : text.slice(start, end))
    start = end
  }
  return parts
}

function marked(text) {
  const mark = document.createElement('mark')
  mark.className = 'accepted'
  mark.textContent = text
  return mark
}
