/** Writes what decoding showed to the cache folder, now and then and at the end, for engines that are opened later. */
import { keptPath, writeKept } from '../common/kept-json.js'
import { toJson } from './learned.js'
import { fileKey } from './profile-file.js'
import type { Speculation } from './speculation.js'
import type { TimedPasses } from './time-passes.js'

/** Steps between two writings while an engine is open. */
export const STEPS_PER_WRITE = 512

/** Where a target and its draft, both as they were timed, keep what was learned of them. */
export function learnedPath(cacheDir: string, planner: string, timed: readonly Pick<TimedPasses, 'key'>[]): string {
  return keptPath(cacheDir, 'learned', fileKey([planner, ...timed.map(({ key }) => key)]))
}

export class Keeper {
  /** Steps that are written. */
  private steps = 0
  private writing: Promise<void> = Promise.resolve()

  /** `path` null: what was learned is not kept, only the times. */
  constructor(
    private readonly speculation: Speculation,
    private readonly path: string | null,
    private readonly timed: readonly Pick<TimedPasses, 'keep'>[],
    private readonly now: () => number = Date.now,
  ) {}

  /** Begins to write where many steps have come since the last time; does not wait for it. */
  keepUp(): void {
    if (this.speculation.steps - this.steps >= STEPS_PER_WRITE) void this.keep()
  }

  /** Writes what came since the last time, if anything did. */
  keep(): Promise<void> {
    const { speculation } = this
    if (speculation.steps === this.steps) return this.writing
    this.steps = speculation.steps
    speculation.correct()
    const learned = toJson(speculation.learned, this.now())
    this.writing = this.writing.then(async () => {
      if (this.path !== null) await writeKept(this.path, learned)
      for (const timed of this.timed) await timed.keep()
    })
    return this.writing
  }
}
