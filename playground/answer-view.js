/** Words one answer in the conversation, its accepted draft tokens marked. */

export class AnswerView {
  constructor(log) {
    this.text = ''
    this.element = message('assistant')
    this.log = log
    log.append(this.element)
  }

  add({ text, trace }) {
    if (text === '') return
    this.text += text
    this.element.append(...pieces(text, trace))
    this.log.scrollTop = this.log.scrollHeight
  }

  note(text, isError = false) {
    const note = document.createElement('p')
    note.className = isError ? 'error' : 'note'
    if (isError) note.setAttribute('role', 'alert')
    note.textContent = text
    this.element.after(note)
    if (this.text === '') this.element.remove()
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

/**
 * Splits a step's text into the guesses and the model's own token. A text may lack its end (a stop token has none), or
 * come late (half a character).
 */
function pieces(text, trace) {
  if (!trace || trace.path.length === 0) return [text]
  const guesses = trace.path.map((node) => trace.texts[node])
  const guessed = guesses.join('')
  if (!text.startsWith(guessed)) return [text]
  return [...guesses.map(marked), text.slice(guessed.length)]
}

function marked(text) {
  const mark = document.createElement('mark')
  mark.className = 'accepted'
  mark.textContent = text
  return mark
}
