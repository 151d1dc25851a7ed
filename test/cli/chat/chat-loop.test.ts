import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chatLoop, type ChatInput } from '../../../src/cli/chat/chat-loop.js'
import { Conversation } from '../../../src/cli/chat/conversation.js'
import { Settings } from '../../../src/cli/chat/settings.js'
import { SequoiaError } from '../../../src/spec/errors.js'
import { scriptedEngine, type ScriptedEngine } from '../../support/scripted-engine.js'

const chat = suite('the loop of a chat')

/** Types `lines`, `^C` for an interrupt; what was shown comes back. `stopAt`: which answer Ctrl-C stops, from 0. */
async function typed(
  lines: readonly string[],
  {
    engine = scriptedEngine(),
    isPerson = true,
    stopAt = -1,
  }: { engine?: ScriptedEngine; isPerson?: boolean; stopAt?: number } = {},
) {
  const rest = [...lines]
  const shown = { out: '', err: '', prompts: [] as string[] }
  let answers = 0
  const input: ChatInput = {
    isPerson,
    next: async (prompt) => {
      shown.prompts.push(prompt)
      const line = rest.shift()
      return line === undefined ? 'end' : line === '^C' ? 'interrupt' : { line }
    },
    interruptible: (work, stop) => {
      if (answers === stopAt) stop()
      answers += 1
      return work
    },
  }
  const talk = { conversation: new Conversation('Be brief.'), settings: new Settings() }
  const end = await chatLoop(engine, talk, input, {
    write: (text) => void (shown.out += text),
    tell: (text) => void (shown.err += `${text}\n`),
    remark: (text) => void (shown.err += text),
    colours: { answer: false, remarks: false },
  })
  const asked = engine.requests.map(({ messages }) => messages!.map(({ content }) => content))
  return { ...shown, end, asked, unread: rest, engine }
}

chat('each question is asked with all that was said before', async () => {
  const { asked, out, end } = await typed(['one', '', 'two'])
  assert.equal(asked, [
    ['Be brief.', 'one'],
    ['Be brief.', 'one', 'Hello, world', 'two'],
  ])
  assert.is(out, 'Hello, world\nHello, world\n')
  assert.is(end, 'ended')
})

chat('an answer may take what the context holds, unless a setting says less', async () => {
  const { engine } = await typed(['one', '/set max-tokens 5', 'two'])
  assert.equal(
    engine.requests.map(({ maxTokens }) => maxTokens),
    [1024, 5],
  )
})

chat('a message of several lines is one question, and the prompt says that it goes on', async () => {
  const { asked, prompts } = await typed(['a\\', 'b', '"""', '/bye', '"""'])
  assert.equal(
    asked.map((contents) => contents.at(-1)),
    ['a\nb', '/bye\n'],
  )
  assert.equal(prompts, ['>>> ', '... ', '>>> ', '... ', '... ', '>>> '])
})

chat('a message that the end of the input cuts is asked as far as it came', async () => {
  assert.equal((await typed(['"""', 'half'])).asked, [['Be brief.', 'half']])
})

chat('/retry leaves the first answer out, /bye ends before what follows', async () => {
  const { asked, unread } = await typed(['one', '/retry', '/bye', 'more'])
  assert.equal(asked, [
    ['Be brief.', 'one'],
    ['Be brief.', 'one'],
  ])
  assert.equal(unread, ['more'])
})

chat('Ctrl-C stops an answer, keeps what was said, and the talk goes on', async () => {
  const { asked, err, end } = await typed(['one', 'two'], { stopAt: 0 })
  assert.equal(asked[1], ['Be brief.', 'one', 'Hello', 'two'])
  assert.match(err, /, stopped\n/)
  assert.is(end, 'ended')
})

chat('Ctrl-C twice at an empty prompt ends; once, or with a line between, does not', async () => {
  const twice = await typed(['^C', '^C', 'more'])
  assert.equal([twice.end, twice.unread], ['ended', ['more']])
  assert.match(twice.err, /Ctrl-C once more/)
  assert.is((await typed(['^C', 'one', '^C', 'two'])).asked.length, 2)
})

chat('Ctrl-C drops a message that has begun', async () => {
  assert.equal((await typed(['"""', 'half', '^C', 'whole'])).asked, [['Be brief.', 'whole']])
})

chat('what fails is told to a person, and its question is forgotten', async () => {
  const failing = scriptedEngine({ error: { thrown: new SequoiaError('context_overflow', 'too long') } })
  const { asked, err } = await typed(['one', '/set nothing', 'two'], { engine: failing })
  assert.match(err, /^too long; \/clear forgets what was said before\nunknown setting "nothing".*\ntoo long; .*\n$/)
  assert.equal(asked[1], ['Be brief.', 'two'])
})

chat('a script ends with what fails, a wrong command included', async () => {
  const failing = scriptedEngine({ error: { thrown: new SequoiaError('context_overflow', 'too long') } })
  const faults = await Promise.allSettled([
    typed(['one', 'two'], { engine: failing, isPerson: false }),
    typed(['/nonsense', 'two'], { isPerson: false }),
  ])
  assert.equal(
    faults.map((fault) => (fault.status === 'rejected' ? (fault.reason as SequoiaError).code : 'done')),
    ['context_overflow', 'invalid_argument'],
  )
})

chat('a fault of the program itself is not told as if a person could mend it', async () => {
  const broken = scriptedEngine({ error: { thrown: new TypeError('a fault') } })
  const [end] = await Promise.allSettled([typed(['one'], { engine: broken })])
  assert.is(end.status, 'rejected')
})

chat('Ctrl-C ends a script, in an answer and between two', async () => {
  const inAnswer = await typed(['one', 'two'], { isPerson: false, stopAt: 0 })
  assert.equal([inAnswer.end, inAnswer.unread], ['interrupted', ['two']])
  assert.is((await typed(['^C', 'two'], { isPerson: false })).end, 'interrupted')
})

chat.run()
