// @process own
/** Some hundred bodies grown from our own description, over HTTP; `acceptance -- fuzz` sends 50,000. */
import express from 'express'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { bodyText, faultOf, grown, said } from '../support/grown.js'
import { listen, type Listening } from '../support/http-app.js'

const BODIES = 150

const fuzz = suite('grown requests')
let engine: Engine
let listening: Listening
fuzz.before(async () => {
  engine = await engineFor({ target: 'micro', maxContext: 128, toolPrompt: 'generic' })
  listening = await listen(express().use('/v1', sequoia({ engine, onError: (error) => console.error(error) })))
})
fuzz.after(async () => {
  await listening.close()
  await closeEngines()
})

fuzz(`${BODIES} of them are answered or refused, with the same text whether or not it was drafted`, async () => {
  const statuses: Record<number, number> = {}
  let compared = 0
  const send = async (path: string, body: string): Promise<{ status: number; text: string }> => {
    const headers = { 'content-type': 'application/json' }
    const reply = await fetch(`${listening.url}/v1/${path}`, { method: 'POST', headers, body })
    return { status: reply.status, text: await reply.text() }
  }
  for (let i = 0; i < BODIES; i++) {
    const one = grown(i)
    const { status, text } = await send(one.path, bodyText(one.members))
    statuses[status] = (statuses[status] ?? 0) + 1
    const fault = faultOf(status, text, one)
    assert.is(fault, null, `body ${i}: ${fault}\n${bodyText(one.members).slice(0, 1500)}\n${text.slice(0, 500)}`)
    const answer = said(status, text)
    if (answer === null || one.members.has('timeout_ms') || one.members.has('speculation')) continue
    const plain = await send(one.path, bodyText(new Map([...one.members, ['speculation', '{"off":true}']])))
    assert.is(said(plain.status, plain.text), answer, `body ${i}: ${bodyText(one.members).slice(0, 1500)}`)
    compared += 1
  }
  assert.ok(
    statuses[200] > BODIES / 10 && statuses[400] > BODIES / 5 && compared > BODIES / 20,
    JSON.stringify(statuses),
  )
  assert.is(engine.usage().slotsUsed, 0)
})

fuzz.run()
