/**
 * Real logits of the micro pair after a fixed prefix: p and q at the root, and after every token that a tree tries
 * there. Computed once each, so that a hundred thousand trees can be verified on them.
 */
import { extend } from '../../src/passes/appending.js'
import { Core } from '../../src/core/index.js'
import { openModel, openRunner } from '../../src/open/open-model.js'
import { checkOptions } from '../../src/open/check-options.js'
import type { ModelRunner } from '../../src/passes/model-runner.js'
import type { SequenceCache } from '../../src/passes/sequence-cache.js'
import { testedFormat, testedKv } from './tested-format.js'

const PREFIX = 'This package is a'

class Table {
  private readonly rows = new Map<number, Float32Array>()

  private constructor(
    readonly runner: ModelRunner,
    private readonly cache: SequenceCache,
    readonly root: Float32Array,
  ) {}

  static async open(core: Core, name: string, prefix: string): Promise<{ table: Table; length: number }> {
    const options = checkOptions({ target: name, format: testedFormat, kv: testedKv })
    const model = await openModel(name, options)
    const runner = await openRunner(core, model, { maxSlots: 256, maxLogitRows: 8 }, options)
    const cache = runner.memory.open()
    const tokens = model.tokenizer.encode(prefix)
    await extend(runner, cache, tokens, true)
    return { table: new Table(runner, cache, copyRow(runner)), length: tokens.length }
  }

  /** Logits after prefix + token. */
  async after(token: number): Promise<Float32Array> {
    let row = this.rows.get(token)
    if (!row) {
      const slots = this.cache.allocate(1)
      const liveSlots = this.cache.liveSlots
      this.runner.mask(this.cache, Int32Array.of(-1), slots, liveSlots)
      const rows = {
        tokens: Int32Array.of(token),
        positions: Int32Array.of(this.cache.length),
        slots,
        lanes: Int32Array.of(0),
      }
      await this.runner.run(rows, liveSlots, 0, Int32Array.of(0), 0)
      this.cache.free(slots)
      this.rows.set(token, (row = copyRow(this.runner)))
    }
    return row
  }
}

function copyRow(runner: ModelRunner): Float32Array {
  return runner.core.f32(runner.logitsAt(0), runner.vocab).slice()
}

export interface MicroTables {
  core: Core
  vocab: number
  /** Position of the prefix's last token. */
  rootPosition: number
  target: Table
  draft: Table
  close(): Promise<void>
}

export async function openMicroTables(prefix = PREFIX): Promise<MicroTables> {
  const core = Core.load()
  const target = await Table.open(core, 'micro', prefix)
  const draft = await Table.open(core, 'micro-draft', prefix)
  return {
    core,
    vocab: target.table.runner.vocab,
    rootPosition: target.length - 1,
    target: target.table,
    draft: draft.table,
    close: async () => {
      await target.table.runner.dispose()
      await draft.table.runner.dispose()
    },
  }
}
