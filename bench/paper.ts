/**
 * `npm run bench -- paper [scalability] [robustness] [hardware] [ablations] [headline] [quick]`: the paper's claims
 * (arXiv 2402.12374) on real pairs and held-out prompts. Texts are the target's own; at places in them it is counted
 * how far each shape, rule and setting gets, by real passes and the product's own planner, sampler and verifiers.
 * `--pair=` one pair, `--prompts=N`; `quick`: the micro pair, a few places. `npm run bench -- report` makes plots and
 * tables of the figures.
 */
import published from './offload/published-acceptance.json' with { type: 'json' }
import { ablations } from './paper/ablations.js'
import { collect, type Collected, coupledPaths, crossed, halfOf, type Size } from './paper/collect.js'
import { type Accepts, hardware, type MachineProfile } from './paper/hardware.js'
import { headline, PUBLISHED } from './paper/headline.js'
import { openPair, type Pair } from './paper/pair.js'
import { measured, others } from './paper/profiles.js'
import { robustness, TEMPERATURES as ROBUST_TEMPERATURES } from './paper/robustness.js'
import { aheadOfSequoia, scalability } from './paper/scalability.js'
import { optionOf } from './option.js'

export const name = 'paper'
export const describe = "the paper's claims on real pairs: scalability, robustness, hardware, ablations, headline"

const PARTS = ['scalability', 'robustness', 'hardware', 'ablations', 'headline'] as const
type Part = (typeof PARTS)[number]
const PAIRS = ['smollm2-135m', 'micro']
const TEMPERATURES = [0, 0.6, 1]
/** The robustness of texts written at this temperature is looked at. */
const TEXTS_OF = 0.6

const FULL: Size = { prompts: 20, answer: 96, every: 4, closely: 4 }
const QUICK: Size = { prompts: 4, answer: 32, every: 4, closely: 2 }

interface Asked {
  parts: ReadonlySet<Part>
  size: Size
  isQuick: boolean
}

/** `args`: parts (default: all), `quick`, `--pair=NAME`, `--prompts=N`, `--answer=TOKENS`. */
export async function run(args: readonly string[]): Promise<object> {
  const chosen = PARTS.filter((part) => args.includes(part))
  const isQuick = args.includes('quick')
  const size = isQuick ? QUICK : FULL
  const asked = {
    parts: new Set(chosen.length > 0 ? chosen : PARTS),
    size: {
      ...size,
      prompts: Number(optionOf(args, 'prompts') ?? size.prompts),
      answer: Number(optionOf(args, 'answer') ?? size.answer),
    },
    isQuick,
  }
  const one = optionOf(args, 'pair') ?? (isQuick ? 'micro' : undefined)
  const results: Record<string, object> = {}
  for (const name of one === undefined ? PAIRS : [one]) {
    const pair = await openPair(name)
    try {
      results[name] = await partsOf(pair, asked)
    } finally {
      await pair.close()
    }
  }
  return results
}

async function partsOf(pair: Pair, { parts, size, isQuick }: Asked): Promise<Record<string, object>> {
  const { core } = pair
  const wanted = parts.has('scalability') || parts.has('ablations')
  const temperatures = wanted ? TEMPERATURES : parts.has('robustness') ? [0, TEXTS_OF] : [0]
  const collected: Collected[] = []
  const said: Record<string, object> = { size }
  const needsTexts = wanted || parts.has('robustness') || parts.has('hardware') || parts.has('headline')
  for (const temperature of needsTexts ? temperatures : []) {
    collected.push(await collect(pair, size, temperature))
    console.log(`${pair.name}, T = ${temperature}: ${collected.at(-1)!.seen.length} places`)
  }
  const shapes = wanted ? collected.flatMap((one) => scalability(core, one)) : []
  if (parts.has('scalability'))
    said.scalability = { places: placesIn(collected), rows: shapes, ahead: aheadOfSequoia(shapes) }
  if (parts.has('robustness')) {
    const { texts, seen } = collected.find(({ temperature }) => temperature === TEXTS_OF)!
    const [acceptance] = crossed(coupledPaths(seen))
    const temperaturesAsked = isQuick ? [0, 0.6, 1.2] : ROBUST_TEMPERATURES
    said.robustness = await robustness(pair, texts, acceptance, { ...size, temperatures: temperaturesAsked })
  }
  if (parts.has('hardware') || parts.has('headline')) {
    const here = await measured(pair.name)
    const profiles: MachineProfile[] = [here, ...others().filter(({ machine }) => machine !== here.machine)]
    const rows = hardware(core, profiles, [ownPair(pair, collected[0]), PUBLISHED_PAIR])
    if (parts.has('hardware')) said.hardware = { profiles, rows }
    if (parts.has('headline')) said.headline = { rows: headline(rows, here.machine) }
  }
  if (parts.has('ablations')) said.ablations = { rows: collected.flatMap((one) => ablations(core, one, shapes)) }
  return said
}

const PUBLISHED_PAIR: Accepts = { pair: PUBLISHED, vectors: [Float64Array.from(published.p)], paths: [] }

/** Counted on one half of the prompts; what trees bring is looked at on the other. */
function ownPair({ name }: Pair, { seen }: Collected): Accepts {
  const paths = coupledPaths(seen)
  const [vectors] = crossed(paths)
  const others = paths.filter(({ prompt }) => halfOf(prompt) === 0)
  return { pair: `${name}, greedy`, vectors, paths: others.map(({ ranks }) => ranks) }
}

function placesIn(collected: readonly Collected[]): object[] {
  return collected.map(({ temperature, texts, seen }) => ({
    temperature,
    prompts: texts.length,
    places: seen.length,
    closely: seen.filter(({ closely }) => closely !== null).length,
  }))
}
