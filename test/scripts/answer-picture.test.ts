import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { answerPicture } from '../../scripts/answer-picture.js'

const STEPS = [
  { parents: [-1, 0, 0, 1], texts: ['\n', 'A', 'B', ' <b>'], target: [], draft: [], path: [1, 3], next: ' &', ms: 1 },
  { parents: [-1], texts: [' &'], target: [], draft: [], path: [], next: ' end', ms: 1 },
]
const picture = answerPicture('Why?', STEPS)

test('every step has its words and its tree, and says how many tokens one pass brought', () => {
  assert.is(picture.match(/class="step text"/g)?.length, 2)
  assert.ok(picture.includes('step 1: 3 tokens by one pass over 4 nodes'))
  assert.ok(picture.includes('step 2: 1 token by one pass over 1 node<'))
})

test('accepted guesses are tinted in the text; rejected ones and the token of the model are not', () => {
  assert.is(picture.match(/class="guess"/g)?.length, 2)
  assert.is(picture.match(/class="node accepted"/g)?.length, 2)
  assert.is(picture.match(/class="node rejected"/g)?.length, 1)
  assert.is(picture.match(/class="node own"/g)?.length, 2)
})

test('what tokens say is text, not markup', () => {
  assert.not.ok(picture.includes('<b>'))
  assert.ok(picture.includes('&lt;b>') && picture.includes(' &amp;<'))
})

test('without motion the whole text and the last tree are shown', () => {
  assert.ok(picture.includes('@media(prefers-reduced-motion:reduce){.step{animation:none}.text,.last{opacity:1}}'))
  assert.is(picture.match(/class="step tree last"/g)?.length, 1)
})

test.run()
