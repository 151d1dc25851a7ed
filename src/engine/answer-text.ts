/** What tokens of an answer say: its text, and apart from that what the model thought ahead of it. */
import type { ThinkingMarks, Tokenizer } from '../text/text.js'
import { nextPlace, type ThinkingPlace } from '../text/thinking.js'
import { TextStream } from './text-stream.js'

/** Thinking that an answer may begin with. */
export interface Thinking {
  marks: ThinkingMarks
  /** Where the prompt leaves the answer. */
  place: ThinkingPlace
}

/** `reasoning` is there where a token belongs to the thinking, though it may say nothing yet. */
export interface Said {
  text: string
  reasoning?: string
}

export class AnswerText {
  private readonly answer: TextStream
  private readonly thought: TextStream
  private place: ThinkingPlace
  /** Blanks ahead of the thinking, which are the answer's where none comes. */
  private blanks = ''
  /** Line ends at the end of the thinking so far: part of it only if more comes. */
  private lineEnds = ''
  private hasThought = false
  /** Whether the answer's own text has begun: what separates it from the thinking is no text. */
  private hasBegun: boolean
  /** Tokens of the thinking, its marks among them. */
  thinkingTokens = 0

  constructor(
    private readonly tokenizer: Tokenizer,
    stops: readonly string[],
    private readonly thinking: Thinking | null = null,
  ) {
    this.answer = new TextStream(tokenizer, stops)
    // What ends an answer ends no thinking.
    this.thought = new TextStream(tokenizer, [])
    this.place = thinking?.place ?? 'after'
    this.hasBegun = thinking === null
  }

  /** Whether a stop string was met; no more text comes after. */
  get stopped(): boolean {
    return this.answer.stopped
  }

  /** As `TextStream.echo`. */
  echo(tokens: readonly number[]): string {
    return this.answer.echo(tokens)
  }

  /** Adds one token and gives what is certain of the text; `mayStop` as in `TextStream.push`. */
  push(token: number, mayStop = true): Said {
    if (!this.thinking) return { text: this.answer.push(token, mayStop) }
    const before = this.place
    this.place = nextPlace(before, token, this.thinking.marks, this.tokenizer)
    if (this.place === 'before') {
      this.blanks += this.answer.push(token, mayStop)
      return { text: '' }
    }
    if (this.place === 'inside' || before === 'inside') return this.think(token, before)
    const blanks = this.blanks
    this.blanks = ''
    return { text: this.begun(blanks + this.answer.push(token, mayStop)) }
  }

  /** Ends the text: nothing is held back any more. */
  end(): Said {
    const text = this.begun(this.blanks + this.answer.end())
    this.blanks = ''
    const rest = this.place === 'inside' ? this.thought.end() : ''
    return rest ? { text, reasoning: this.thoughtOf(rest) } : { text }
  }

  private think(token: number, before: ThinkingPlace): Said {
    this.thinkingTokens += 1
    this.blanks = ''
    if (before === 'before') return { text: '', reasoning: '' }
    const said = this.place === 'after' ? this.thought.end() : this.thought.push(token)
    return { text: '', reasoning: this.thoughtOf(said) }
  }

  /** Without line ends at its beginning and its end. */
  private thoughtOf(said: string): string {
    const text = this.hasThought ? this.lineEnds + said : said.replace(/^\n+/, '')
    const kept = text.replace(/\n+$/, '')
    this.lineEnds = text.slice(kept.length)
    this.hasThought ||= kept !== ''
    return kept
  }

  private begun(text: string): string {
    const rest = this.hasBegun || this.thinkingTokens === 0 ? text : text.replace(/^\n+/, '')
    this.hasBegun ||= rest !== ''
    return rest
  }
}
