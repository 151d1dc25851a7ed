/** The playground: one conversation, and what its decoding looks like. */
import { AcceptancePlot } from './acceptance-plot.js'
import { AnswerView, message } from './answer-view.js'
import { chatStream, listModels } from './chat-stream.js'
import { SpeedMeter } from './speed-meter.js'
import { treeShape } from './tree-shape.js'
import { TreeView } from './tree-view.js'

const $ = (id) => document.getElementById(id)
const log = $('log')
const meter = new SpeedMeter({
  speculative: { bar: $('spec-bar'), output: $('spec-rate') },
  plain: { bar: $('plain-bar'), output: $('plain-rate') },
})
const tree = new TreeView($('tree'), (sentence) => ($('node').textContent = sentence))
const plot = new AcceptancePlot($('plot'))

let model = null
let turns = []
/** Traces of the last answer's steps. */
let steps = []
let running = null
let drawing = 0

async function findModel() {
  try {
    const [first] = await listModels($('key').value)
    model = first.id
    $('model').textContent = model
  } catch (error) {
    $('model').textContent = `no model: ${error.message}`
  }
}

/** Draws at most once a frame, however fast steps come. */
function redraw() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0
    meter.draw()
    plot.draw()
    if (steps.length > 0) showStep(steps.length)
  })
}

function showStep(number) {
  const slider = $('step')
  slider.max = steps.length
  slider.value = number
  slider.closest('.steps').hidden = false
  $('step-shown').textContent = `${number} of ${steps.length}`
  tree.show(steps[number - 1])
}

/** Leaves the last step on show that had guesses and confirmed some. */
function restOnTree() {
  cancelAnimationFrame(drawing)
  drawing = 0
  meter.draw()
  plot.draw()
  const last = steps.findLastIndex(({ path }) => path.length > 0)
  if (steps.length > 0) showStep(last < 0 ? steps.length : last + 1)
}

function requestBody() {
  const body = {
    model,
    messages: [...turns],
    temperature: Number($('temperature').value),
    max_tokens: Number($('length').value),
    // The same seed for both runs: their texts must be equal.
    seed: crypto.getRandomValues(new Uint32Array(1))[0],
  }
  const size = Number($('size').value)
  return {
    plain: { ...body, speculation: { off: true, trace: true } },
    speculative: { ...body, speculation: { trace: true, ...(size > 1 && { tree: treeShape(size) }) } },
  }
}

/** Streams one run; `onPart` gets each chunk. Returns the text. */
async function run(kind, body, onPart) {
  let text = ''
  for await (const part of chatStream({ body, key: $('key').value, signal: running.signal })) {
    text += part.text
    if (part.trace) meter.add(kind, part.trace)
    onPart(part)
  }
  return text
}

async function answer() {
  const { speculative, plain } = requestBody()
  const view = new AnswerView(log)
  meter.clear()
  plot.clear()
  steps = []
  $('verdict').textContent = 'Decoding with guesses…'
  try {
    const text = await run('speculative', speculative, (part) => {
      view.add(part)
      if (!part.trace) return
      steps.push(part.trace)
      plot.add(part.trace)
      redraw()
    })
    turns.push({ role: 'assistant', content: text })
    restOnTree()
    say(`Answer complete: ${meter.tokensPerStep().toFixed(2)} tokens per step.`)
    if (!$('compare').checked) return
    $('verdict').textContent = 'Decoding the same plainly…'
    const same = (await run('plain', plain, () => meter.draw())) === text
    const times = (meter.rate('speculative') / meter.rate('plain')).toFixed(2)
    const verdict =
      `${meter.tokensPerStep().toFixed(2)} tokens per step, ${times} × the speed of plain decoding; ` +
      `the texts are ${same ? 'equal' : 'different'}.`
    $('verdict').textContent = verdict
    say(verdict)
  } catch (error) {
    if (error.name !== 'AbortError') view.note(error.message, true)
    else view.note('stopped')
    $('verdict').textContent = ''
  }
}

function say(text) {
  $('status').textContent = text
}

$('composer').addEventListener('submit', async (event) => {
  event.preventDefault()
  const text = $('prompt').value.trim()
  if (text === '' || running) return
  if (!model) await findModel()
  $('prompt').value = ''
  log.querySelector('.hint')?.remove()
  log.append(message('user', text))
  turns.push({ role: 'user', content: text })
  running = new AbortController()
  $('send').hidden = true
  $('stop').hidden = false
  await answer()
  running = null
  $('send').hidden = false
  $('stop').hidden = true
  // A question without an answer would be asked again with the next.
  if (turns.at(-1)?.role === 'user') turns.pop()
})
$('prompt').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  $('composer').requestSubmit()
})
$('stop').addEventListener('click', () => running?.abort())
$('clear').addEventListener('click', () => {
  running?.abort()
  turns = []
  log.replaceChildren()
  $('prompt').focus()
})
$('step').addEventListener('input', ({ target }) => showStep(Number(target.value)))
$('key').addEventListener('change', () => void findModel())
for (const [id, word] of [
  ['temperature', (value) => (value === 0 ? '0 (greedy)' : value.toFixed(1))],
  ['size', (value) => (value === 1 ? 'planned' : `${value} nodes`)],
  ['length', (value) => `${value} tokens`],
]) {
  const show = () => ($(`${id}-shown`).textContent = word(Number($(id).value)))
  $(id).addEventListener('input', show)
  show()
}
void findModel()
