/** What was said so far: a system prompt, and turns of user and model that follow one another. */
import type { ChatMessage } from '../../text/text.js'

export class Conversation {
  private turns: ChatMessage[] = []

  /** Null: none. */
  system: string | null

  constructor(system: string | null = null) {
    this.system = system
  }

  /** As the model's template takes them. */
  get messages(): ChatMessage[] {
    return this.system === null ? [...this.turns] : [{ role: 'system', content: this.system }, ...this.turns]
  }

  ask(content: string): void {
    this.turns.push({ role: 'user', content })
  }

  /** Keeps what the model said; a question to which it said nothing is forgotten. */
  answer(content: string): void {
    if (content === '') this.turns.pop()
    else this.turns.push({ role: 'assistant', content })
  }

  /** Forgets the last question and its answer, and returns the question; null where none was asked. */
  takeBack(): string | null {
    const at = this.turns.findLastIndex(({ role }) => role === 'user')
    const [question] = at < 0 ? [] : this.turns.splice(at)
    return question?.content ?? null
  }

  /** Forgets all turns; the system prompt stays. */
  clear(): void {
    this.turns = []
  }
}
