/** The playground: one conversation, and what its decoding looks like. */
import { AcceptancePlot } from './acceptance-plot.js'
import { actions, AnswerView, message } from './answer-view.js'
import { chatStream } from './chat-stream.js'
import { ModelPicker } from './model-picker.js'
import { keepFields } from './settings.js'
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
const models = new ModelPicker({
  state: $('state'),
  picker: $('picker'),
  select: $('model'),
  keys: $('keys'),
  key: $('key'),
})

/** What was said: `role` and `content`, and the element that shows it. */
let turns = []
/** Traces of the last answer's steps. */
let steps = []
/** What was asked for the last answer and what came: to ask it again plainly. */
let last = null
/** Aborts what is being decoded. */
let running = null
let drawing = 0

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
  const told = steps.findLastIndex(({ path }) => path.length > 0)
  if (steps.length > 0) showStep(told < 0 ? steps.length : told + 1)
}

/** What is asked; the same seed for both ways, so that their texts must be equal. */
function requestBody() {
  const system = $('system').value.trim()
  return {
    model: models.model,
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...turns.map(({ role, content }) => ({ role, content })),
    ],
    temperature: Number($('temperature').value),
    max_tokens: Number($('length').value),
    seed: crypto.getRandomValues(new Uint32Array(1))[0],
  }
}

/** How a body is decoded: with the planner's trees, with one of a fixed size, or one token a pass. */
function speculation(kind) {
  const size = Number($('size').value)
  if (kind === 'plain') return { off: true, trace: true }
  return { trace: true, ...(size > 1 && { tree: treeShape(size) }) }
}

/** Streams one run; `onPart` gets each chunk. Returns the text, how it ended, and what usage counted. */
async function run(kind, body, onPart) {
  const outcome = { text: '', finish: null, tokens: 0 }
  const asked = { body: { ...body, speculation: speculation(kind) }, key: $('key').value, signal: running.signal }
  for await (const part of chatStream(asked)) {
    outcome.text += part.text
    outcome.finish = part.finish ?? outcome.finish
    if (part.trace) meter.add(kind, part.trace)
    if (part.usage) outcome.tokens = part.usage.completion_tokens
    onPart(part)
  }
  meter.settle(kind, outcome.tokens)
  return outcome
}

/** Runs one thing at a time: Stop ends it, whatever it is. */
async function busy(work) {
  if (running) return
  running = new AbortController()
  $('send').hidden = true
  $('stop').hidden = false
  $('compare').disabled = true
  try {
    await work()
  } finally {
    running = null
    $('send').hidden = false
    $('stop').hidden = true
    $('compare').disabled = last === null
  }
}

/** Answers the last question. */
async function answer() {
  const view = new AnswerView(log)
  const body = requestBody()
  meter.clear()
  plot.clear()
  steps = []
  last = null
  $('verdict').textContent = 'Decoding with guesses…'
  try {
    const { text, finish, tokens } = await run('speculative', body, (part) => {
      view.add(part)
      if (!part.trace) return
      steps.push(part.trace)
      plot.add(part.trace)
      redraw()
    })
    last = { body, text }
    view.note(`${tokens} tokens${finish === 'length' ? ', cut short: Length allows no more' : ''}`)
    restOnTree()
    const verdict = `${meter.tokensPerStep().toFixed(2)} tokens per step.`
    $('verdict').textContent = verdict
    say(`Answer complete: ${verdict}`)
  } catch (error) {
    if (error.name === 'AbortError') view.note('stopped')
    else view.note(error.message, true)
    $('verdict').textContent = ''
  }
  view.draw()
  if (view.text === '') return
  const turn = { role: 'assistant', content: view.text, element: view.element }
  turns.push(turn)
  view.element.append(
    actions({ Copy: (button) => copy(view.text, button), 'Try again': () => answerAnew(turns.indexOf(turn)) }),
  )
  log.scrollTop = log.scrollHeight
}

/** Decodes the last answer's request one token a pass, and says how the two compare. */
async function compare() {
  meter.clear(['plain'])
  $('verdict').textContent = 'Decoding the same plainly…'
  try {
    const { text } = await run('plain', last.body, () => meter.draw())
    meter.draw()
    const times = (meter.rate('speculative') / meter.rate('plain')).toFixed(2)
    const verdict =
      `${meter.tokensPerStep().toFixed(2)} tokens per step, ${times} × the speed of plain decoding; ` +
      `the texts are ${text === last.text ? 'equal' : 'different'}.`
    $('verdict').textContent = verdict
    say(verdict)
  } catch (error) {
    $('verdict').textContent = error.name === 'AbortError' ? 'stopped' : error.message
  }
}

async function ask(text) {
  if (!models.model) {
    await models.find()
    if (!models.model) return
  }
  $('prompt').value = ''
  log.querySelector('.hint')?.remove()
  const element = message('user', text)
  const turn = { role: 'user', content: text, element }
  element.append(actions({ Edit: () => edit(turns.indexOf(turn)) }))
  log.append(element)
  log.scrollTop = log.scrollHeight
  turns.push(turn)
  await busy(answer)
  // A question without an answer would be asked again with the next.
  if (turns.at(-1) === turn) turns.pop()
}

/** Takes back all turns from `index` on. */
function takeBack(index) {
  running?.abort()
  const [first] = turns.splice(index)
  if (!first) return
  while (first.element.nextSibling) first.element.nextSibling.remove()
  first.element.remove()
}

function answerAnew(index) {
  if (running || index < 0) return
  takeBack(index)
  void busy(answer)
}

function edit(index) {
  if (running || index < 0) return
  $('prompt').value = turns[index].content
  takeBack(index)
  $('prompt').focus()
}

async function copy(text, button) {
  await navigator.clipboard.writeText(text)
  button.textContent = 'Copied'
  say('Copied')
}

function say(text) {
  $('status').textContent = text
}

$('composer').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = $('prompt').value.trim()
  if (text !== '' && !running) void ask(text)
})
$('prompt').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  $('composer').requestSubmit()
})
$('stop').addEventListener('click', () => running?.abort())
$('compare').addEventListener('click', () => void busy(compare))
$('clear').addEventListener('click', () => {
  running?.abort()
  turns = []
  last = null
  $('compare').disabled = true
  log.replaceChildren()
  $('prompt').focus()
})
$('step').addEventListener('input', ({ target }) => showStep(Number(target.value)))
keepFields(['temperature', 'length', 'size', 'system'].map($))
for (const [id, word] of [
  ['temperature', (value) => (value === 0 ? '0 (greedy)' : value.toFixed(1))],
  ['size', (value) => (value === 1 ? 'planned' : `${value} nodes`)],
  ['length', (value) => `${value} tokens`],
]) {
  const show = () => ($(`${id}-shown`).textContent = word(Number($(id).value)))
  $(id).addEventListener('input', show)
  show()
}
void models.find()
