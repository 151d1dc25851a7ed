/** What the parts of the benchmark work with: sizes, folders, and the machine's GPU or what stands in for it. */
import { nvidiaFacts } from '../../src/runtime/device/nvidia.js'
import { DEVICES } from '../../src/runtime/binding/device.js'
import { STAND_IN } from '../../test/support/stand-in-device.js'
import { FULL, TINY, type Shapes } from './shapes.js'

export interface KitOptions {
  /** Small shapes over the stand-in for a device, in place of a GPU. */
  isTiny: boolean
  /** Where models are pulled and imported to. */
  cacheDir: string
  /** A Python that may have vLLM. */
  python: string
}

export interface Kit extends KitOptions {
  shapes: Shapes
  /** A model with a draft that is decoded in earnest. */
  pair: string
  maxContext: number
  /** Of one answer: plain, with trees, of each of several at a time, and of the pair. */
  tokens: { plain: number; tree: number; batch: number; pair: number }
  prompts: number
  /** Requests at a time. */
  batches: readonly number[]
  /** Beside the GPU, where layers pass through it. */
  memory: string
  /** Keeps a result at once. */
  record(name: string, value: unknown): void
}

/** A part of the benchmark. */
export type Part = (kit: Kit) => Promise<void>

/** Puts the stand-in where the GPU would be, for small shapes. */
export function openKit(options: KitOptions, record: Kit['record']): Kit {
  if (!options.isTiny)
    return {
      ...options,
      record,
      shapes: FULL,
      pair: 'smollm2-135m',
      maxContext: 512,
      tokens: { plain: 48, tree: 192, batch: 32, pair: 96 },
      prompts: 6,
      batches: [1, 2, 4, 8, 16, 32],
      memory: '24GB',
    }
  DEVICES.cuda = () => STAND_IN
  return {
    ...options,
    record,
    shapes: TINY,
    pair: 'micro',
    maxContext: 128,
    // More than one step of a tree may give: a rate is of the tokens after the first part.
    tokens: { plain: 4, tree: 32, batch: 3, pair: 8 },
    prompts: 1,
    batches: [1, 4],
    memory: '80MB',
  }
}

/** Bytes of the first GPU's memory that are free; null where nobody knows. */
export async function freeBytes(): Promise<number | null> {
  return (await nvidiaFacts())?.gpus?.[0]?.freeBytes ?? null
}
