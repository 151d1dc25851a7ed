/**
 * Marks in rendered text what was guessed. Rendering drops characters of the source (`**`, a fence) and keeps the order
 * of the others: a rendered line is the next one like it in the source, else each of its characters is.
 */

/** How far the source of what is rendered may lie ahead: a line of a fence, a link's address. */
const AHEAD = 400

/** `guessed`: a flag for each character of `source`, which `element` shows. */
export function tint(element, source, guessed) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const nodes = []
  while (walker.nextNode()) nodes.push(walker.currentNode)
  let at = 0
  for (const node of nodes) {
    const flags = []
    while (flags.length < node.data.length) {
      const [line] = /^[^\n]*\n?/.exec(node.data.slice(flags.length))
      const piece = ahead(source, line, at) < 0 ? line[0] : line
      const found = ahead(source, piece, at)
      if (found >= 0) at = found + piece.length
      for (let i = 0; i < piece.length; i++) flags.push(found >= 0 && guessed[found + i])
    }
    node.replaceWith(...runs(node.data, flags))
  }
}

/** Where `piece` is next in the source; -1 where that is too far. */
function ahead(source, piece, at) {
  const found = source.slice(at, at + AHEAD + piece.length).indexOf(piece)
  return found < 0 ? -1 : at + found
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
