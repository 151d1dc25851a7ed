/**
 * docs/protocol.md publishes which field is honoured, accepted without effect or refused; here its tables are held
 * against the code.
 */
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chatSchema } from '../../src/serve/chat-request.js'
import { completionSchema } from '../../src/serve/completion-request.js'
import {
  acceptedWithoutEffect,
  refusedInChat,
  refusedInCompletions,
  refusedInResponses,
} from '../../src/serve/request-fields.js'
import { responseSchema } from '../../src/serve/response-request.js'

const ENDPOINTS = ['chat', 'completions', 'responses']
const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

/** The rows of the table below a heading: field and the remaining cells. */
function rows(heading: string): [string, string[]][] {
  const section = page.split(`\n### ${heading}\n`)[1].split('\n#')[0]
  return [...section.matchAll(/^\| `(\w+)` \|(.*)$/gm)].map(([, field, rest]) => [
    field,
    rest.split('|').map((cell) => cell.trim()),
  ])
}

/** `field endpoint` pairs that a table with a column for each endpoint says yes to. */
function published(heading: string): string[] {
  return rows(heading)
    .flatMap(([field, cells]) =>
      ENDPOINTS.filter((_, i) => cells[i] === 'yes').map((endpoint) => `${field} ${endpoint}`),
    )
    .sort()
}

function coded(fields: readonly object[]): string[] {
  return fields.flatMap((of, i) => Object.keys(of).map((field) => `${field} ${ENDPOINTS[i]}`)).sort()
}

test('the honoured fields are those of the schemas', () => {
  assert.equal(published('Honoured'), coded([chatSchema.shape, completionSchema.shape, responseSchema.shape]))
})

test('the fields without effect are those that the code drops', () => {
  assert.equal(
    rows('Accepted without effect')
      .map(([field]) => field)
      .sort(),
    [...acceptedWithoutEffect].sort(),
  )
})

test('the refused fields are those that the code refuses, and the values said to pass do', () => {
  const refused = [refusedInChat, refusedInCompletions, refusedInResponses]
  assert.equal(published('Refused'), coded(refused))
  for (const [field, cells] of rows('Refused')) {
    const passing = [...cells[3].matchAll(/`([^`]+)`/g)].map(([, value]) => JSON.parse(value))
    for (const of of refused)
      for (const value of passing)
        if (field in of) assert.ok(of[field].asksNothing(value), `${field}: ${JSON.stringify(value)}`)
  }
})

test.run()
