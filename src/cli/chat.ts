/** `sequoia chat`: a talk in the terminal, or one that is piped in. */
import type { Engine } from '../api/types.js'
import { engineFlags, openByFlags } from './engine-flags.js'
import type { Command } from './command.js'
import { chatLoop } from './chat/chat-loop.js'
import { Conversation } from './chat/conversation.js'
import { ReadlineInput } from './chat/readline-input.js'
import { chatSamplingFlags, Settings } from './chat/settings.js'
import { tellDim, type Screen } from './chat/show-answer.js'
import { hasColours } from './has-colours.js'
import { INTERRUPTED } from './exit-codes.js'
import { parse, text } from './flags.js'
import { draftText } from './draft-text.js'
import { WordWrap } from './word-wrap.js'
import { wrapped } from './wrapped.js'
import { samplingText } from './sampling-flags.js'

const flags = { ...engineFlags, ...chatSamplingFlags, system: text('TEXT', 'system prompt (default: none)') }

export const chat: Command = {
  name: 'chat',
  summary: 'talk to a model in the terminal',
  usage: 'chat [flags]  (or messages on standard input, one a line)',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const { stdin, stdout, stderr } = process
    const engine = await openByFlags(values)
    try {
      // A model without a template is refused before anybody types.
      await engine.encode({ messages: [{ role: 'user', content: 'Hello' }] })
      const [answer, thought] = [new WordWrap(stdout), new WordWrap(stderr)]
      const screen: Screen = {
        write: (piece) => answer.add(piece),
        tell: (line, indent) => void stderr.write(`${wrapped(line, stderr.columns, indent)}\n`),
        remark: (piece) => thought.add(piece),
        colours: { answer: hasColours(stdout), remarks: hasColours(stderr) },
      }
      const input = new ReadlineInput(stdin, stdout.isTTY ? stdout : stderr)
      if (input.isPerson) tellDim(screen, greeting(engine.info, screen.colours.answer))
      try {
        const talk = { conversation: new Conversation(values.system), settings: new Settings(values) }
        return (await chatLoop(engine, talk, input, screen)) === 'interrupted' ? INTERRUPTED : 0
      } finally {
        input.close()
      }
    } finally {
      await engine.close()
    }
  },
}

function greeting({ model, format, draft, sampling }: Engine['info'], tints: boolean): string {
  const guessed = draft !== 'none' && tints ? '; green text was guessed by the draft and confirmed by the model' : ''
  const chosen = Object.keys(sampling).length > 0 ? `, by default ${samplingText(sampling)}` : ''
  return `${model} (${format}, ${draftText(draft)}${chosen})${guessed}. /help lists commands, /bye ends.`
}
