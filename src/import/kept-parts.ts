/**
 * The parts of a model that its weight file holds so far, noted beside it after each: an import that was killed goes on
 * at the layer where it was. The note stays with the finished import, so that another one that wants the same weights
 * takes them as they are.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile, sha256 } from '../common/hash.js'
import { stackRows } from '../common/matrix.js'
import { writeWhole } from '../common/write-whole.js'
import type { WeightFormat } from '../formats/weight-format.js'
import type { ModelWeights } from '../graph/model-graph.js'
import type { FileFacts } from './file-facts.js'
import { PARTS_FILE } from './leftovers.js'

/** What was written: all of `ModelWeights`, or what comes first in the file. */
export type WrittenParts = Partial<ModelWeights>

export interface KeptParts {
  parts: WrittenParts
  /** The weight file up to there. */
  facts: FileFacts
  /** Of each calibration text [N, hidden]: the residual stream after the last layer written; empty without. */
  streams: Float32Array[]
}

/** What the note says: `key` is all that the weights' bytes depend on. */
interface Note {
  key: string
  isWhole: boolean
  parts: WrittenParts
  facts: FileFacts
  streams: { file: string; sha256: string; lengths: number[] } | null
}

/** How a model's linear layers and its table are stored. */
export type PartKinds = Pick<WeightFormat, 'linears' | 'table'>

/** Streams are written to one file while the note still names the other. */
const STREAMS = ['.streams-0', '.streams-1']

/** Keeps the parts written so far in a folder. */
export class PartKeeper {
  #turn = 0

  constructor(
    private readonly dir: string,
    private readonly key: string,
  ) {}

  async keep({ parts, facts, streams }: KeptParts): Promise<void> {
    const file = STREAMS[this.#turn++ % STREAMS.length]
    const values = stackRows(...streams)
    const bytes = new Uint8Array(values.buffer)
    if (streams.length > 0) await writeFile(join(this.dir, file), bytes)
    await this.#note({
      key: this.key,
      isWhole: false,
      parts,
      facts,
      streams:
        streams.length === 0 ? null : { file, sha256: sha256(bytes), lengths: streams.map(({ length }) => length) },
    })
  }

  /** Once all parts are written. */
  async finish(parts: ModelWeights, facts: FileFacts): Promise<void> {
    await this.#note({ key: this.key, isWhole: true, parts, facts, streams: null })
    for (const file of STREAMS) await rm(join(this.dir, file), { force: true })
  }

  async #note(note: Note): Promise<void> {
    const text = JSON.stringify(note, (name, value: unknown) => (name === 'kind' ? kindName(value) : value))
    await writeWhole(join(this.dir, PARTS_FILE), `${sha256(text)}\n${text}`)
  }
}

/** The parts that an unfinished import left in a folder; null where they are of others, damaged, or none. */
export async function unfinishedParts(dir: string, key: string, kinds: PartKinds): Promise<KeptParts | null> {
  const note = await readNote(dir, kinds)
  if (note?.key !== key || note.isWhole) return null
  const streams = await streamsOf(dir, note)
  return streams && { parts: note.parts, facts: note.facts, streams }
}

/** The weights of a finished import in a folder, where they are those asked for; whether its file is whole is not. */
export async function finishedParts(
  dir: string,
  key: string,
  kinds: PartKinds,
): Promise<{ weights: ModelWeights; facts: FileFacts } | null> {
  const note = await readNote(dir, kinds)
  return note?.key === key && note.isWhole ? { weights: note.parts as ModelWeights, facts: note.facts } : null
}

async function readNote(dir: string, kinds: PartKinds): Promise<Note | null> {
  const [sum, text = ''] = (await readFile(join(dir, PARTS_FILE), 'utf8').catch(() => '')).split('\n')
  if (sum === '' || sum !== sha256(text)) return null
  return JSON.parse(text, (name, value: unknown) => (name === 'kind' ? kinds[value as keyof PartKinds] : value)) as Note
}

async function streamsOf(dir: string, { streams }: Note): Promise<Float32Array[] | null> {
  if (streams === null) return []
  const path = join(dir, streams.file)
  if ((await hashFile(path).catch(() => '')) !== streams.sha256) return null
  const values = new Float32Array(new Uint8Array(await readFile(path)).buffer)
  let at = 0
  return streams.lengths.map((length) => values.slice(at, (at += length)))
}

/** Tables have a region of their own, and linear layers what they read. */
function kindName(kind: unknown): keyof PartKinds {
  return typeof kind === 'object' && kind !== null && 'keptBytes' in kind ? 'table' : 'linears'
}
