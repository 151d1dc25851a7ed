/**
 * The weight file of a model in a folder: that of a finished import which has the same bytes, else gone on with where a
 * killed import left it, else written anew.
 */
import { constants } from 'node:fs'
import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelWeights } from '../graph/model-graph.js'
import { keptFault, remember, type FileFacts } from './file-facts.js'
import { weighed, WEIGHTS_FILE } from './import-files.js'
import { finishedParts, PartKeeper, unfinishedParts, type KeptParts, type PartKinds } from './kept-parts.js'
import { PART } from './leftovers.js'
import { WeightFile } from './weight-file.js'

export interface WeighOptions {
  /** All that the weights' bytes depend on. */
  key: string
  /** Those that the model is written in. */
  kinds: PartKinds
  /** A folder of imports: a weight file of theirs with the same key is taken. */
  siblings?: string
  /** Writes what is not in `found`, and keeps it part by part. */
  write(file: WeightFile, found: KeptParts | null, keeper: PartKeeper): Promise<ModelWeights>
}

/** `dir` is emptied but for what is gone on with. */
export async function weighModel(
  dir: string,
  { key, kinds, siblings, write }: WeighOptions,
): Promise<{ weights: ModelWeights; facts: FileFacts }> {
  const keeper = new PartKeeper(dir, key)
  const taken = siblings === undefined ? null : await takeFrom(siblings, dir, { key, kinds })
  if (taken) {
    await keeper.finish(taken.weights, taken.facts)
    return taken
  }
  const path = join(dir, WEIGHTS_FILE)
  const found = await unfinishedParts(dir, key, kinds)
  const begun = found && (await WeightFile.reopen(path, found.facts))
  if (!begun) await empty(dir)
  const file = begun ?? (await WeightFile.create(path))
  const written = await weighed(file, (to) => write(to, begun && found, keeper))
  await keeper.finish(written.weights, written.facts)
  return written
}

/** Puts the weight file of an import that has these weights, and whose file is whole, into `dir` too. */
async function takeFrom(
  siblings: string,
  dir: string,
  { key, kinds }: Pick<WeighOptions, 'key' | 'kinds'>,
): ReturnType<typeof finishedParts> {
  const names = (await readdir(siblings)).filter((name) => !name.startsWith('.') && !name.includes(PART))
  for (const name of names.sort()) {
    const found = await finishedParts(join(siblings, name), key, kinds)
    const path = join(siblings, name, WEIGHTS_FILE)
    if (found === null || (await keptFault(path, found.facts)) !== null) continue
    // A note of parts beside a file that is another's too would have that one cut.
    await empty(dir)
    const copy = join(dir, WEIGHTS_FILE)
    // Not every file system has links.
    await link(path, copy).catch(() => copyFile(path, copy, constants.COPYFILE_FICLONE))
    // A link changes the stamp by which the file is known to be whole.
    await remember(path, found.facts)
    return found
  }
  return null
}

async function empty(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir)
}
