/** Messages of the conversation. An answer is shown as Markdown while it comes, its accepted draft tokens tinted. */
import { markdown } from './markdown.js'
import { tint } from './tint.js'

export class AnswerView {
  constructor(log) {
    this.text = ''
    this.thought = ''
    /** [character] whether the draft guessed it. */
    this.guessed = []
    this.element = message('assistant')
    this.body = document.createElement('div')
    this.body.className = 'body'
    this.element.append(this.body)
    this.log = log
    this.drawing = 0
    log.append(this.element)
  }

  add({ text, thought, trace }) {
    if (thought !== '') this.think(thought)
    if (text === '') return
    const guessed = lengthOfGuesses(text, trace)
    this.text += text
    for (let i = 0; i < text.length; i++) this.guessed.push(i < guessed)
    this.drawing ||= requestAnimationFrame(() => this.draw())
  }

  /** What a model thinks before it answers: folded, above the answer. */
  think(text) {
    this.thought += text
    if (!this.thinking) {
      this.thinking = document.createElement('details')
      this.thinking.append(document.createElement('summary'), document.createElement('div'))
      this.body.before(this.thinking)
    }
    this.drawing ||= requestAnimationFrame(() => this.draw())
  }

  draw() {
    cancelAnimationFrame(this.drawing)
    this.drawing = 0
    const follows = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60
    if (this.thinking) {
      const [summary, thought] = this.thinking.children
      summary.textContent = this.text === '' ? 'Thinking…' : 'Thought'
      thought.textContent = this.thought.trim()
    }
    this.body.replaceChildren(markdown(this.text))
    tint(this.body, this.text, this.guessed)
    if (follows) this.log.scrollTop = this.log.scrollHeight
  }

  /** A line below the answer: how it ended, or what went wrong. */
  note(text, isError = false) {
    const note = document.createElement('p')
    note.className = isError ? 'error' : 'note'
    if (isError) note.setAttribute('role', 'alert')
    note.textContent = text
    if (this.text === '' && this.thought === '') this.element.replaceWith(note)
    else this.element.append(note)
    this.log.scrollTop = this.log.scrollHeight
  }
}

export function message(role, text = '') {
  const element = document.createElement('div')
  element.className = `message ${role}`
  const who = document.createElement('span')
  who.className = 'hidden'
  who.textContent = role === 'user' ? 'You: ' : 'Model: '
  element.append(who, text)
  return element
}

/** A row of small buttons below a message: words to what they do. */
export function actions(entries) {
  const row = document.createElement('div')
  row.className = 'actions'
  for (const [word, act] of Object.entries(entries)) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = word
    button.addEventListener('click', () => act(button))
    row.append(button)
  }
  return row
}

/**
 * How many characters of a step's text were guesses. A text may lack its end (a stop token has none), or come late
 * (half a character).
 */
function lengthOfGuesses(text, trace) {
  if (!trace || trace.path.length === 0) return 0
  const guesses = trace.path.map((node) => trace.texts[node]).join('')
  return text.startsWith(guesses) ? guesses.length : 0
}
