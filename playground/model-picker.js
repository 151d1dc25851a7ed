/** Which model answers: waits until the server has one, says how far it is, asks for a key where one is needed. */
import { listModels, readiness } from './chat-stream.js'
import { keepSetting, settingOf } from './settings.js'

/** Milliseconds between two looks at a server that is still loading. */
const WAIT_MS = 1000

export class ModelPicker {
  /** `parts`: the elements `state`, `picker` and `select`, and `keys`, which holds the field `key`. */
  constructor({ state, picker, select, keys, key }) {
    Object.assign(this, { state, picker, select, keys, key })
    select.addEventListener('change', () => keepSetting('model', select.value))
    key.addEventListener('change', () => void this.find())
    // Several looks at once would tell one story over another.
    this.look = 0
  }

  /** The model's name; null while there is none. */
  get model() {
    return this.select.value || null
  }

  async find() {
    const look = ++this.look
    for (;;) {
      const said = await this.attempt()
      if (look !== this.look || said === null) return
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
      if (look !== this.look) return
    }
  }

  /** One look; null where another would find the same. */
  async attempt() {
    try {
      const ready = await readiness()
      if (ready.status === 'loading') return this.say(loadingText(ready.progress))
      const models = await listModels(this.key.value)
      this.select.replaceChildren(...models.map(({ id }) => new Option(id, id, false, id === settingOf('model'))))
      this.picker.hidden = false
      this.say('')
      return null
    } catch (error) {
      if (error.status === 401) {
        this.keys.open = true
        this.key.focus()
        this.say(this.key.value === '' ? 'This server wants an API key.' : 'This API key does not open the server.')
        return null
      }
      return this.say(error.status ? error.message : 'The server cannot be reached; trying again.')
    }
  }

  say(text) {
    if (this.state.textContent !== text) this.state.textContent = text
    return text
  }
}

function loadingText(progress) {
  if (!progress) return 'The model is being loaded…'
  const { text, part, done, total } = progress
  const share = total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : ''
  return `${text}${part ? `: ${part}` : ''}${share}`
}
