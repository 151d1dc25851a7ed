/** The loop of a chat: a message, its answer, the next. It knows lines and interrupts, and no terminal. */
import type { Generates } from '../../api/types.js'
import { SequoiaError } from '../../spec/errors.js'
import { showAnswer, tellDim, type Screen } from './show-answer.js'
import { MessageLines } from './message-lines.js'
import { isSlashCommand, runSlashCommand, type Talk } from './slash-commands.js'

/** How a message is asked for, and the rest of one that has begun. */
const PROMPT = '>>> '
const MORE = '... '
/** What a talk that has grown too long asks for. */
const FORGET = '/clear forgets what was said before'

export interface ChatInput {
  /** A person sits there: what fails is told and the talk goes on. A script fails. */
  isPerson: boolean
  /** Shows the prompt and waits. `interrupt`: Ctrl-C with nothing typed. */
  next(prompt: string): Promise<{ line: string } | 'interrupt' | 'end'>
  /** Does `work`; Ctrl-C calls `stop` until that is done. */
  interruptible<T>(work: Promise<T>, stop: () => void): Promise<T>
}

/**
 * Talks until the input ends or somebody says so; returns whether a script was interrupted. Where no person could mend
 * it, throws what the engine throws, and `InvalidArgumentError` for a wrong command.
 */
export async function chatLoop(
  engine: Pick<Generates, 'generate' | 'info'>,
  talk: Talk,
  input: ChatInput,
  screen: Screen,
): Promise<'ended' | 'interrupted'> {
  const lines = new MessageLines()
  let isCommand = false
  let isLeaving = false
  for (;;) {
    const got = await input.next(lines.isOpen ? MORE : PROMPT)
    if (got === 'interrupt') {
      if (!input.isPerson) return 'interrupted'
      if (isLeaving) return 'ended'
      isLeaving = !lines.isOpen
      if (isLeaving) tellDim(screen, 'Ctrl-C once more, Ctrl-D or /bye ends.')
      else lines.take()
      continue
    }
    isLeaving = false
    if (got !== 'end' && !lines.isOpen) isCommand = isSlashCommand(got.line)
    const message = got === 'end' ? lines.take() : lines.add(got.line)
    if (message !== null && message.trim() !== '') {
      const end = await respond(engine, talk, { message, isCommand }, input, screen)
      if (end !== 'more') return end
    }
    if (got === 'end') return 'ended'
  }
}

async function respond(
  engine: Pick<Generates, 'generate' | 'info'>,
  talk: Talk,
  { message, isCommand }: { message: string; isCommand: boolean },
  input: ChatInput,
  screen: Screen,
): Promise<'more' | 'ended' | 'interrupted'> {
  try {
    const outcome = isCommand ? runSlashCommand(talk, message) : { ask: message }
    if (outcome === 'end') return 'ended'
    if ('tell' in outcome) {
      tellDim(screen, outcome.tell, outcome.indent)
      return 'more'
    }
    const isStopped = await ask(engine, talk, outcome.ask, input, screen)
    return isStopped && !input.isPerson ? 'interrupted' : 'more'
  } catch (error) {
    if (!input.isPerson || !(error instanceof SequoiaError)) throw error
    screen.tell(error.code === 'context_overflow' ? `${error.message}; ${FORGET}` : error.message)
    return 'more'
  }
}

/** Returns whether Ctrl-C stopped the answer; what came of it is part of the talk. */
async function ask(
  engine: Pick<Generates, 'generate' | 'info'>,
  { conversation, settings }: Talk,
  question: string,
  input: ChatInput,
  screen: Screen,
): Promise<boolean> {
  const stopper = new AbortController()
  conversation.ask(question)
  const request = {
    ...settings.fields,
    // As the server does: an answer ends by itself, or where the context does.
    maxTokens: settings.fields.maxTokens ?? engine.info.maxContext,
    messages: conversation.messages,
    signal: stopper.signal,
  }
  try {
    const limit = settings.fields.maxTokens === undefined ? 'context' : 'limit'
    const work = showAnswer(engine, request, screen, limit)
    conversation.answer(await input.interruptible(work, () => stopper.abort()))
  } catch (error) {
    conversation.takeBack()
    throw error
  }
  return stopper.signal.aborted
}
