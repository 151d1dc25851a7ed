/**
 * `npm run picture`: decodes one answer of SmolLM2 with a pinned tree, and draws what came of each step into
 * docs/answer.svg.
 */
import { writeFileSync } from 'node:fs'
import type { StepTrace } from '../src/api/types.js'
import { openEngine } from '../src/index.js'
import { answerPicture } from './answer-picture.js'

const QUESTION = 'Why is the sky blue?'
/** A root with three guesses, the likelier of them followed further. */
const TREE = [-1, 0, 0, 0, 1, 1, 2, 4]

const engine = await openEngine({ target: 'smollm2-135m' })
const steps: StepTrace[] = []
const answer = engine.generate({
  messages: [{ role: 'user', content: QUESTION }],
  maxTokens: 32,
  tree: TREE,
  trace: true,
})
for await (const { trace } of answer) if (trace) steps.push(trace)
await engine.close()
writeFileSync('docs/answer.svg', answerPicture(QUESTION, steps))
console.log(`docs/answer.svg: ${steps.length} steps`)
