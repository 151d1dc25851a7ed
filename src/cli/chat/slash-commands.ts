/** The `/` commands of a chat: one entry each. */
import { InvalidArgumentError } from '../../spec/errors.js'
import { didYouMean } from '../../common/nearest.js'
import type { Conversation } from './conversation.js'
import { MEANING_AT, type Settings } from './settings.js'

/** Column at which help on a command begins. */
const HELP_AT = 24

/** What a command works on. */
export interface Talk {
  conversation: Conversation
  settings: Settings
}

/**
 * What is to be done next: tell people something, ask the model something, or end. `indent`: where a line that is too
 * long goes on.
 */
export type Outcome = { tell: string; indent?: number } | { ask: string } | 'end'

interface SlashCommand {
  /** What follows the name, as help shows it. */
  takes: string
  help: string
  /** `given`: what follows the name. Throws `InvalidArgumentError` for what it cannot take. */
  run(talk: Talk, given: string): Outcome
}

const commands: Readonly<Record<string, SlashCommand>> = {
  help: { takes: '', help: 'this list', run: () => ({ tell: helpText(), indent: HELP_AT }) },
  clear: {
    takes: '',
    help: 'forget what was said; the system prompt stays',
    run({ conversation }) {
      conversation.clear()
      return { tell: 'Forgotten.' }
    },
  },
  system: {
    takes: '[TEXT|none]',
    help: 'show the system prompt, or set it for what follows',
    run({ conversation }, given) {
      if (given !== '') conversation.system = given === 'none' ? null : given
      return { tell: conversation.system === null ? 'No system prompt.' : `System prompt: ${conversation.system}` }
    },
  },
  retry: {
    takes: '',
    help: 'answer the last question anew',
    run({ conversation }) {
      const question = conversation.takeBack()
      return question === null ? { tell: 'Nothing was asked yet.' } : { ask: question }
    },
  },
  set: {
    takes: '[NAME VALUE]',
    help: 'show the settings, or change one: /set temperature 0.8, /set seed default',
    run({ settings }, given) {
      const name = given === '' ? undefined : settings.set(given)
      return { tell: settings.told(name), indent: MEANING_AT }
    },
  },
  bye: { takes: '', help: 'end; so do Ctrl-D, and Ctrl-C twice', run: () => 'end' },
}

/** As they are typed, for completion. */
export const slashNames: readonly string[] = Object.keys(commands).map((name) => `/${name}`)

/** Whether a line is a command: `/` and a word, at its very beginning. */
export function isSlashCommand(line: string): boolean {
  return /^\/[a-z?]+(?:\s|$)/i.test(line)
}

/** Does what a line says. Throws `InvalidArgumentError`. */
export function runSlashCommand(talk: Talk, line: string): Outcome {
  const [word] = line.split(/\s/, 1)
  const name = word === '/?' ? 'help' : word.slice(1).toLowerCase()
  if (!Object.hasOwn(commands, name)) {
    const names = Object.keys(commands)
    throw new InvalidArgumentError(
      name,
      `unknown command ${word}${didYouMean(name, names)}; /help lists them ` +
        '(a space in front makes the line a message)',
    )
  }
  return commands[name].run(talk, line.slice(word.length).trim())
}

function helpText(): string {
  const rows = Object.entries(commands).map(
    ([name, { takes, help }]) => `  ${`/${name} ${takes}`.padEnd(HELP_AT - 2)}${help}`,
  )
  return [
    ...rows,
    '',
    '  A line that ends in \\ goes on in the next; """ begins and ends a message of many lines.',
    '  Ctrl-C stops an answer.',
  ].join('\n')
}
