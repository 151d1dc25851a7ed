/** What a model thought, as an item of `POST /responses` ahead of its message. */
import type { ResponseEvent } from './response-event.js'

/** Words one event; `type` is its name on the wire. */
type Word = (type: string, content: object) => ResponseEvent

export interface ReasoningEvents {
  /** What was thought so far. */
  readonly text: string
  /** Items that come before the message: 1 where anything was thought. */
  readonly items: 0 | 1
  more(text: string): Generator<ResponseEvent>
  /** What was thought is whole. */
  end(): Generator<ResponseEvent>
}

const PLACE = { output_index: 0, content_index: 0 }

/** The events that build the item up; none where nothing is thought. */
export function reasoningEvents(id: string, event: Word): ReasoningEvents {
  let text = ''
  return {
    get text() {
      return text
    },
    get items() {
      return text === '' ? 0 : 1
    },
    *more(delta) {
      if (text === '') {
        yield event('response.output_item.added', { output_index: 0, item: reasoningItem(id, 'in_progress') })
        yield event('response.content_part.added', { item_id: id, ...PLACE, part: reasoningText('') })
      }
      text += delta
      yield event('response.reasoning_text.delta', { item_id: id, ...PLACE, delta })
    },
    *end() {
      if (text === '') return
      yield event('response.reasoning_text.done', { item_id: id, ...PLACE, text })
      yield event('response.content_part.done', { item_id: id, ...PLACE, part: reasoningText(text) })
      yield event('response.output_item.done', { output_index: 0, item: reasoningItem(id, 'completed', text) })
    },
  }
}

export function reasoningItem(id: string, status: 'in_progress' | 'completed', text = ''): object {
  return { id, type: 'reasoning', status, summary: [], content: text === '' ? [] : [reasoningText(text)] }
}

const reasoningText = (text: string): object => ({ type: 'reasoning_text', text })
