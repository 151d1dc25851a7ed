/**
 * A moving picture of an answer, as SVG: step after step the text grows on the left, what the draft guessed tinted, and
 * the tree that the step checked stands on the right. Who asks for less motion sees the whole text and the last tree.
 */
import { layOut, type TreeNode } from '../playground/tree-layout.js'
import type { StepTrace } from '../src/api/types.js'

const [WIDTH, HEIGHT, MARGIN] = [880, 230, 20]
/** A monospaced character, a line of text, and characters to a line. */
const [CHARACTER, LINE, COLUMNS] = [8.4, 24, 44]
const TREE_LEFT = 430
const [COLUMN, ROW, BOX_WIDTH, BOX_HEIGHT] = [88, 30, 74, 22]
/** Most characters of a token in its box. */
const SHOWN = 8
/** Seconds that a step is shown, and that the end stays. */
const [STEP_SECONDS, END_SECONDS] = [1.2, 4]

/** A token of the answer and its place in the text; `x`, `y` in pixels. */
interface Word {
  text: string
  guessed: boolean
  x: number
  y: number
}

/** Draws the steps of an answer to `question`. */
export function answerPicture(question: string, steps: readonly StepTrace[]): string {
  const seconds = steps.length * STEP_SECONDS + END_SECONDS
  const share = (step: number): number => (100 * step * STEP_SECONDS) / seconds
  const words = wordsOf(steps)
  const rules: string[] = []
  const groups = steps.map((step, i) => {
    const end = i + 1 < steps.length ? share(i + 1) : 100
    rules.push(shownFrom(`w${i}`, share(i), 100), shownFrom(`t${i}`, share(i), end))
    const last = i + 1 === steps.length ? ' last' : ''
    return (
      `<g class="step text" style="animation-name:w${i}">${words[i].map(word).join('')}</g>` +
      `<g class="step tree${last}" style="animation-name:t${i}">${caption(step, i)}${tree(step)}</g>`
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
<title>An answer as it is decoded: each step checks a tree of guesses in one pass of the model</title>
<style>${style(seconds, rules)}</style>
<rect class="page" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
<text class="question" x="${MARGIN}" y="34">${escaped(question)}</text>
${groups.join('\n')}
</svg>
`
}

function style(seconds: number, rules: readonly string[]): string {
  return [
    'text{font:14px ui-monospace,monospace;fill:#1f2328}.page{fill:#f6f8fa}.question,.caption{fill:#57606a}',
    '.node text{font-size:12px}.node rect,.guess{fill:#dafbe1}.node rect{stroke:#1a7f37}',
    '.rejected rect{fill:none;stroke:#8c959f;stroke-dasharray:3 2}.rejected text{fill:#57606a}',
    '.root rect{fill:none;stroke:#57606a}.own rect{fill:#ddf4ff;stroke:#0969da}.edge{stroke:#8c959f;fill:none}',
    `.step{opacity:0;animation-duration:${seconds}s;animation-iteration-count:infinite;` +
      'animation-timing-function:step-end}',
    ...rules,
    '@media(prefers-reduced-motion:reduce){.step{animation:none}.text,.last{opacity:1}}',
    '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#161b22}.question,.caption,.rejected text' +
      '{fill:#8d96a0}.node rect,.guess{fill:#12361f}.rejected rect,.root rect{fill:none}.own rect{fill:#0c2d6b}}',
  ].join('\n')
}

/** Opacity 1 between two shares of the cycle, in percent. */
function shownFrom(name: string, from: number, to: number): string {
  const [begin, end] = [from.toFixed(2), to.toFixed(2)]
  const hidden = to < 100 ? `${end}%,100%{opacity:0}` : '100%{opacity:1}'
  return `@keyframes ${name}{0%{opacity:${from === 0 ? 1 : 0}}${begin}%{opacity:1}${hidden}}`
}

/** The tokens of each step, one after another in lines of at most `COLUMNS` characters. */
function wordsOf(steps: readonly StepTrace[]): Word[][] {
  let [column, line] = [0, 0]
  const placed = (text: string, guessed: boolean): Word => {
    const length = text.replace(/\n/g, '').length
    if (text.includes('\n') || column + length > COLUMNS) [column, line] = [0, line + 1]
    const shown = column === 0 ? text.trim() : text.replace(/\n/g, '')
    const at = { x: MARGIN + column * CHARACTER, y: 70 + line * LINE }
    column += shown.length
    return { text: shown, guessed, ...at }
  }
  return steps.map(({ path, texts, next }) => [...path.map((node) => placed(texts[node], true)), placed(next, false)])
}

function word({ text, guessed, x, y }: Word): string {
  if (text.trim() === '') return ''
  const width = text.length * CHARACTER
  const tint = guessed
    ? `<rect class="guess" x="${x.toFixed(1)}" y="${y - 15}" width="${width.toFixed(1)}" height="20" rx="3"/>`
    : ''
  return (
    `${tint}<text x="${x.toFixed(1)}" y="${y}" xml:space="preserve" textLength="${width.toFixed(1)}">` +
    `${escaped(text)}</text>`
  )
}

function caption({ path, parents }: StepTrace, step: number): string {
  const counted = (count: number, what: string): string => `${count} ${what}${count > 1 ? 's' : ''}`
  const gained = `${counted(path.length + 1, 'token')} by one pass over ${counted(parents.length, 'node')}`
  return `<text class="caption" x="${TREE_LEFT}" y="34">step ${step + 1}: ${gained}</text>`
}

function tree(step: StepTrace): string {
  const nodes = layOut(step)
  const x = ({ depth }: TreeNode): number => TREE_LEFT + depth * COLUMN
  const y = ({ row }: TreeNode): number => 56 + row * ROW
  const edges = nodes.map((node) => {
    if (!node.parent) return ''
    const [x1, y1] = [x(node.parent) + BOX_WIDTH, y(node.parent) + BOX_HEIGHT / 2]
    const y2 = y(node) + BOX_HEIGHT / 2
    return `<path class="edge" d="M${x1} ${y1}C${x1 + 8} ${y1} ${x(node) - 8} ${y2} ${x(node)} ${y2}"/>`
  })
  const boxes = nodes.map(
    (node) =>
      `<g class="node ${node.kind}"><rect x="${x(node)}" y="${y(node)}" width="${BOX_WIDTH}" ` +
      `height="${BOX_HEIGHT}" rx="4"/><text x="${x(node) + BOX_WIDTH / 2}" y="${y(node) + 15}" ` +
      `text-anchor="middle">${escaped(inBox(node.text))}</text></g>`,
  )
  return [...edges, ...boxes].join('')
}

function inBox(text: string): string {
  const seen = text.replace(/\n/g, '\u21b5').trim() || '\u2423'
  return seen.length > SHOWN ? `${seen.slice(0, SHOWN - 1)}\u2026` : seen
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}
