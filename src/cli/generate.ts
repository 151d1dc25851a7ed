/** `sequoia generate`: one prompt, its answer streamed to the terminal, then what it cost. */
import type { FinishReason, GenerateStats } from '../api/types.js'
import type { Command } from './command.js'
import { engineFlags, openByFlags } from './engine-flags.js'
import { text as readAll } from 'node:stream/consumers'
import { InvalidArgumentError } from '../spec/errors.js'
import { dim } from './chat/tint.js'
import { INTERRUPTED } from './exit-codes.js'
import { parseOperands, toggle } from './flags.js'
import { hasColours } from './has-colours.js'
import { rateText } from './rate-text.js'
import { WordWrap } from './word-wrap.js'
import { wrapped } from './wrapped.js'
import { samplingFields, samplingFlags } from './sampling-flags.js'

const flags = {
  ...engineFlags,
  ...samplingFlags,
  raw: toggle('no chat template: the model continues the prompt'),
  json: toggle('print one JSON object instead of text'),
}

export const generate: Command = {
  name: 'generate',
  summary: 'answer one prompt in the terminal',
  usage: 'generate [flags] "PROMPT"  (or the prompt on standard input)',
  flags,
  async run(argv) {
    const { values, operands } = parseOperands(flags, argv)
    const prompt = await promptOf(operands)
    const engine = await openByFlags(values)
    const interrupt = new AbortController()
    const onSignal = (): void => interrupt.abort()
    process.once('SIGINT', onSignal)
    const [answer, thought] = [new WordWrap(process.stdout), new WordWrap(process.stderr)]
    let text = ''
    let reasoning = ''
    const tokens: number[] = []
    let finishReason: FinishReason | undefined
    let stats: GenerateStats | undefined
    try {
      const request = {
        ...(values.raw ? { prompt } : { messages: [{ role: 'user', content: prompt }] }),
        ...samplingFields(values),
        signal: interrupt.signal,
      }
      for await (const part of engine.generate(request)) {
        if (!values.json) {
          if (part.reasoning) thought.add(hasColours(process.stderr) ? dim(part.reasoning) : part.reasoning)
          if (part.text && reasoning && !text) thought.add('\n\n')
          answer.add(part.text)
        }
        text += part.text
        reasoning += part.reasoning ?? ''
        tokens.push(...part.tokens)
        finishReason = part.finishReason ?? finishReason
        stats = part.stats ?? stats
      }
    } finally {
      process.off('SIGINT', onSignal)
      answer.end()
      await engine.close()
    }
    if (values.json)
      console.log(
        JSON.stringify({ text, ...(reasoning && { reasoning }), tokens, finishReason, stats: published(stats!) }),
      )
    else {
      process.stdout.write('\n')
      console.error(`\n${wrapped(summary(stats!), process.stderr.columns)}`)
    }
    return finishReason === 'abort' ? INTERRUPTED : 0
  },
}

/** The one argument, or what comes on standard input where there is none. */
async function promptOf(operands: readonly string[]): Promise<string> {
  const [given] = operands
  if (operands.length > 1)
    throw new InvalidArgumentError(
      'the prompt',
      `the prompt must be one argument; got ${operands.length} (put it in quotes)`,
    )
  const prompt = given ?? (process.stdin.isTTY ? '' : (await readAll(process.stdin)).trimEnd())
  if (prompt === '')
    throw new InvalidArgumentError('the prompt', 'the prompt is missing; give it in quotes, or on standard input')
  return prompt
}

function published({ tokens, steps, tokensPerStep, prefillMs, decodeMs, planNodes, planDepth }: GenerateStats): object {
  return { tokens, steps, tokensPerStep, prefillMs, decodeMs, planNodes, planDepth }
}

function summary({
  tokens,
  steps,
  tokensPerStep,
  promptTokens,
  prefillMs,
  decodeMs,
  drafted,
  accepted,
  planNodes,
}: GenerateStats): string {
  const share =
    drafted > 0
      ? `, ${accepted} of ${drafted} draft tokens accepted (${((100 * accepted) / drafted).toFixed(0)} %)`
      : ', no drafting'
  return (
    `${tokens} tokens in ${steps} steps: ${rateText({ tokens, decodeMs })}, ${tokensPerStep.toFixed(2)} tokens per ` +
    `step, trees of ${planNodes.toFixed(1)} nodes${share}; ` +
    `${promptTokens} prompt tokens read in ${prefillMs.toFixed(0)} ms`
  )
}
