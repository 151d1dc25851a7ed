/** How the policy as it stands does over all scenes, beside the best of the fixed shapes, and on real texts. */
import type { Core } from '../../src/core/index.js'
import { median } from '../stats.js'
import { fixed, planned, policy, replay } from './replay.js'
import { scenes, type Scene } from './scenes.js'
import { DRAFTS, textRatios } from './texts.js'

/** Where trees take this much longer than the profile says, and some steps are disturbed. */
const SLOWER = 1.3

export interface Score {
  /** Default over the best fixed shape, no tree among them: geometric mean of all rows, and the least row. */
  'of best': number
  'least row': number
  /** Slowest text of all rows; plain decoding is 1. */
  'least text': number
  /** The same mean where trees take 1.3 times as long as the profile says, and some steps are disturbed. */
  misjudged: number
  /** Real texts, times plain decoding: geometric mean, and the slowest; and those that nothing is tuned on. */
  texts: number
  'least of texts': number
  'held out': number
  'least held out': number
}

export interface Row {
  scene: Scene
  /** Medians of texts, times plain decoding. */
  shapes: Record<string, number>
  default: number
  least: number
}

/** Plain decoding and fixed shapes do not depend on the policy. */
interface Measured {
  scene: Scene
  seed: number
  plain: readonly number[]
  shapes: Record<string, number>
}

export class Scores {
  private readonly usual: readonly Measured[]
  private readonly misjudged: readonly Measured[]

  constructor(
    private readonly core: Core,
    private readonly seeds: readonly number[],
    /** Texts that are made up in each scene. */
    private readonly texts?: number,
  ) {
    const measured = (all: readonly Scene[]): Measured[] =>
      seeds.flatMap((seed) => all.map((scene) => this.measured(scene, seed)))
    this.usual = measured(scenes())
    this.misjudged = measured(scenes(SLOWER).filter(({ among }) => among === 1))
  }

  /** One for each scene and seed. */
  rows(): Row[] {
    return this.usual.map((one) => this.row(one))
  }

  score(): Score {
    const usual = this.rows()
    const ratios = usual.map(ofBest)
    const [texts, heldOut] = (['answers', 'heldOut'] as const).map((texts) =>
      this.seeds.flatMap((seed) =>
        scenes()
          .filter(({ among }) => among === 1)
          .flatMap((scene) => DRAFTS.flatMap((draft) => textRatios(this.core, scene, draft, seed, { texts }))),
      ),
    )
    return {
      'of best': mean(ratios),
      'least row': Math.min(...ratios),
      'least text': Math.min(...usual.map(({ least }) => least)),
      misjudged: mean(this.misjudged.map((one) => ofBest(this.row(one)))),
      texts: mean(texts),
      'least of texts': Math.min(...texts),
      'held out': mean(heldOut),
      'least held out': Math.min(...heldOut),
    }
  }

  private measured(scene: Scene, seed: number): Measured {
    const plain = replay(scene, fixed([-1]), seed, this.texts)
    const ratio = (parents: readonly number[]): number =>
      median(replay(scene, fixed(parents), seed, this.texts).map((speed, i) => speed / plain[i]))
    const shapes = {
      'chain of 2': ratio([-1, 0, 1]),
      'binary tree of 3': ratio([-1, 0, 0]),
      "the planner's tree": ratio(planned(this.core, scene)),
    }
    return { scene, seed, plain, shapes }
  }

  private row({ scene, seed, plain, shapes }: Measured): Row {
    const ratios = replay(scene, policy(this.core, scene), seed, this.texts).map((speed, i) => speed / plain[i])
    return { scene, shapes, default: median(ratios), least: Math.min(...ratios) }
  }
}

export function ofBest({ shapes, ...row }: Row): number {
  return row.default / Math.max(1, ...Object.values(shapes))
}

/** Geometric. */
export function mean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
