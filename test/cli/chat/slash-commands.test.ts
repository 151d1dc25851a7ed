import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Conversation } from '../../../src/cli/chat/conversation.js'
import { Settings } from '../../../src/cli/chat/settings.js'
import { isSlashCommand, runSlashCommand, slashNames } from '../../../src/cli/chat/slash-commands.js'

const talk = (system?: string) => ({ conversation: new Conversation(system), settings: new Settings() })

test('a command is a slash and a word at the very beginning', () => {
  for (const line of ['/help', '/?', '/set a b', '/SYSTEM x', '/nonsense']) assert.ok(isSlashCommand(line), line)
  for (const line of [' /help', 'and/or', '/etc/passwd is what?', '/', '// a comment', '/2'])
    assert.not(isSlashCommand(line), line)
})

test('/help lists every command', () => {
  const outcome = runSlashCommand(talk(), '/help')
  for (const name of slashNames) assert.match(JSON.stringify(outcome), name)
  assert.equal(runSlashCommand(talk(), '/?'), outcome)
})

test('/system shows, sets and takes away the system prompt', () => {
  const subject = talk()
  assert.equal(runSlashCommand(subject, '/system'), { tell: 'No system prompt.' })
  runSlashCommand(subject, '/system Speak like  a pirate.')
  assert.is(subject.conversation.system, 'Speak like  a pirate.')
  assert.equal(runSlashCommand(subject, '/system'), { tell: 'System prompt: Speak like  a pirate.' })
  runSlashCommand(subject, '/system none')
  assert.is(subject.conversation.system, null)
})

test('/retry asks the last question anew, /clear forgets', () => {
  const subject = talk()
  subject.conversation.ask('Why?')
  subject.conversation.answer('Because.')
  assert.equal(runSlashCommand(subject, '/retry'), { ask: 'Why?' })
  assert.equal(subject.conversation.messages, [])
  assert.equal(runSlashCommand(subject, '/retry'), { tell: 'Nothing was asked yet.' })
  subject.conversation.ask('What?')
  runSlashCommand(subject, '/clear')
  assert.equal(subject.conversation.messages, [])
})

test('/set changes a setting, /bye ends', () => {
  const subject = talk()
  runSlashCommand(subject, '/set temperature 0.8')
  assert.is(subject.settings.fields.temperature, 0.8)
  assert.is(runSlashCommand(subject, '/bye'), 'end')
})

test('an unknown command names the nearest', () => {
  assert.throws(() => runSlashCommand(talk(), '/retyr'), /unknown command \/retyr \(did you mean "retry"\?\); \/help/)
})

test.run()
