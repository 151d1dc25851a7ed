/**
 * A Hugging Face checkpoint folder, with weights as safetensors or, where there are none, as PyTorch's own file: every
 * header checked at opening, tensors read one at a time.
 */
import { createHash } from 'node:crypto'
import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { hashFile } from '../../common/hash.js'
import { readText } from '../../common/read-text.js'
import { asRecord } from '../../common/record.js'
import { ModelError } from '../../spec/errors.js'
import type { RawFolder } from '../raw.js'
import { readArchive } from '../pytorch/index.js'
import { readTensor, type StoredTensor } from '../stored-tensor.js'
import { readJson, readJsonIfThere } from './json-file.js'
import { readShard } from './shard.js'

interface Place {
  file: string
  tensor: StoredTensor
}

/** PyTorch's file of weights, read where there are no safetensors. */
const ARCHIVE = 'pytorch_model.bin'
/** Files that make the model; their hashes make the checkpoint's. */
const PARTS =
  /^((generation_|tokenizer_)?config|tokenizer|model\.safetensors\.index)\.json$|^chat_template\.jinja$|\.safetensors$/

/**
 * Opens a folder with `config.json` and `model.safetensors` (or shards under `model.safetensors.index.json`), or with
 * `pytorch_model.bin` where it has no safetensors. Throws
 * `ModelError`: `model_not_found` for a missing folder or file, `model_invalid` for one that is truncated, corrupt, or
 * holds a tensor of an unknown type.
 */
export async function openFolder(dir: string): Promise<RawFolder> {
  await checkFolder(dir)
  const config = await readJson(join(dir, 'config.json'))
  const places = await findTensors(dir)
  const handles = new Map<string, Promise<FileHandle>>()
  return {
    kind: 'hf',
    name: basename(resolve(dir)),
    path: dir,
    config,
    tensors: new Map([...places].map(([name, { tensor }]) => [name, tensor])),
    license: await licenseOf(dir),
    read: async (name, order) => {
      const place = places.get(name)
      if (!place) throw new ModelError('model_invalid', dir, `${dir} has no tensor ${name}`)
      const handle = handles.get(place.file) ?? open(place.file)
      handles.set(place.file, handle)
      return readTensor(await handle, place.file, place.tensor, order)
    },
    hash: () => hashFolder(dir),
    close: async () => {
      for (const handle of handles.values()) await (await handle).close()
      handles.clear()
    },
  }
}

async function checkFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch((cause: unknown) => {
    throw new ModelError(
      'model_not_found',
      dir,
      `there is no folder ${dir}; give a checkpoint folder, a .gguf file or a known name`,
      { cause },
    )
  })
  if (!found.isDirectory())
    throw new ModelError('model_invalid', dir, `${dir} is not a folder; expected a checkpoint folder with config.json`)
}

/** All tensors of the folder's safetensors files by name. */
async function findTensors(dir: string): Promise<Map<string, Place>> {
  const indexPath = join(dir, 'model.safetensors.index.json')
  const index = await readJsonIfThere(indexPath)
  const weightMap = index && asRecord(index.weight_map)
  if (index && !weightMap)
    throw new ModelError('model_invalid', indexPath, `${indexPath} lacks "weight_map"; download it again`)
  if (!index && (await isArchived(dir))) {
    const file = join(dir, ARCHIVE)
    return new Map([...(await readArchive(file))].map(([name, tensor]) => [name, { file, tensor }]))
  }
  const names = weightMap ? [...new Set(Object.values(weightMap))] : ['model.safetensors']
  const places = new Map<string, Place>()
  for (const name of names) {
    if (typeof name !== 'string' || basename(name) !== name)
      throw new ModelError(
        'model_invalid',
        indexPath,
        `${indexPath} names a file ${JSON.stringify(name)}; expected files of this folder`,
      )
    const file = join(dir, name)
    for (const tensor of (await readShard(file)).values()) places.set(tensor.name, { file, tensor })
  }
  return places
}

/** Whether the weights are PyTorch's file alone. */
async function isArchived(dir: string): Promise<boolean> {
  const names = await readdir(dir)
  return names.includes(ARCHIVE) && !names.some((name) => name.endsWith('.safetensors'))
}

async function hashFolder(dir: string): Promise<string> {
  const hash = createHash('sha256')
  const archived = (await isArchived(dir)) ? [ARCHIVE] : []
  for (const name of [...(await readdir(dir)).filter((name) => PARTS.test(name)), ...archived].sort())
    hash.update(`${name} ${await hashFile(join(dir, name))}\n`)
  return hash.digest('hex')
}

/** The licence that the model card states. */
async function licenseOf(dir: string): Promise<string | null> {
  const card = await readText(join(dir, 'README.md')).catch(() => '')
  const header = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? ''
  return /^license:\s*(\S+)\s*$/m.exec(header)?.[1] ?? null
}
