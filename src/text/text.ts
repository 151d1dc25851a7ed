/** The text side of a model: tokens, chat turns, and the tools a model may call. */
import type { TemplateInput } from './template-input.js'

/**
 * One turn of a conversation. Roles are those that the chat template knows: `system`, `user`, `assistant`, `tool`.
 */
export interface ChatMessage {
  role: string
  content: string
  /** Of an assistant's turn: what it thought before; templates that know thinking decide what to make of it. */
  reasoning?: string
  /** Of an assistant's turn: what it called. */
  toolCalls?: readonly ToolCall[]
  /** Of a turn with the role `tool`: the call that this is the result of. */
  toolCallId?: string
}

/**
 * A call that the model made.
 */
export interface ToolCall {
  id: string
  name: string
  /** A JSON object as text. */
  arguments: string
}

/** A function that the model may call. */
export interface Tool {
  name: string
  description?: string
  /** JSON schema of its arguments, an object; left out: it takes none. */
  parameters?: object
}

export interface Tokenizer {
  readonly vocabSize: number
  /** Bytes of text that one token can stand for at most: a text of N bytes has N / mostBytes tokens at least. */
  readonly mostBytes: number
  /** Encodes text. Special tokens' spellings in `text` stay plain text unless `parseSpecial`. Adds no bos. */
  encode(text: string, options?: { parseSpecial?: boolean }): number[]
  /** The raw bytes one token stands for (byte-level BPE undone); empty for special tokens. */
  bytes(token: number): Uint8Array
  /** Decodes whole sequences; special tokens left out unless asked for. */
  decode(tokens: ArrayLike<number>, options?: { special?: boolean }): string
  idOf(spelling: string): number | undefined
}

/**
 * `template`: the chat template itself tells the model of its tools; `generic`: the system turn does, in words of ours.
 */
export type ToolPrompt = 'template' | 'generic'

/**
 * Renders messages with the model's Jinja template to token ids: the template's own special tokens become their ids,
 * while the same spellings inside a message's content stay text.
 */
export interface ChatTemplate {
  /** Throws `SequoiaError` ('context_overflow') for what cannot fit into `mostTokens`, before it is tokenized. */
  encode(messages: readonly ChatMessage[], options?: EncodeOptions): number[]
  /** Throws `InvalidArgumentError` for values that the template cannot be given; `param` names them. */
  checkInput(param: string, given: unknown): TemplateInput
  /** Spellings of special tokens that are text in calls; none where the model cannot be given tools. */
  readonly spoken: readonly string[]
  /** What stands around the thinking ahead of an answer; null: the model does not think. */
  readonly thinking: ThinkingMarks | null
  /** How the model writes calls. Throws `InvalidArgumentError` naming `tools` where it cannot be given any. */
  readonly callFormat: CallFormat
}

/** The tokens around what a model thinks. */
export interface ThinkingMarks {
  open: number
  close: number
}

/** What a conversation is rendered with. */
export interface EncodeOptions {
  tools?: readonly Tool[]
  /** Default: any number. */
  mostTokens?: number
  /** Values that the template reads besides; those that every request gets come with the template. */
  input?: TemplateInput
}

/**
 * How a model writes calls: `(lead)? open NAME middle ARGUMENTS (next NAME middle ARGUMENTS)* close`; arguments are
 * JSON.
 */
export interface CallFormat {
  /** Of `tools/formats/`, or `generic`. */
  name: string
  open: string
  middle: string
  /** Null: one call at most. */
  next: string | null
  close: string
  /** The beginning of `open` that is no text any more: after it comes a call. */
  marker: string
  /** Texts that may stand ahead of the first call. */
  leads: readonly string[]
  /** Spellings of special tokens that are text in calls. */
  spoken: readonly string[]
  /** Whether ids of calls must be nine letters and digits for the template. */
  shortIds: boolean
}
