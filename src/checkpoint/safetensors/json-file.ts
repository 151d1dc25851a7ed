/** The small JSON files of a checkpoint folder. */
import { ModelError } from '../../spec/errors.js'
import { asRecord } from '../../common/record.js'
import { readText } from '../../common/read-text.js'

/** Throws `ModelError` when the file is missing or no JSON object. */
export async function readJson(path: string): Promise<Record<string, unknown>> {
  const found = await readJsonIfThere(path)
  if (!found)
    throw new ModelError(
      'model_not_found',
      path,
      `${path} is missing; a checkpoint folder needs config.json, tokenizer.json and *.safetensors`,
    )
  return found
}

/** As `readJson`, but undefined for a missing file. */
export async function readJsonIfThere(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readText(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw new ModelError('model_invalid', path, `${path} cannot be read (${cause.code})`, { cause })
  })
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ModelError(
      'model_invalid',
      path,
      `${path} is not JSON (${cause instanceof Error ? cause.message : String(cause)}); download it again`,
      { cause },
    )
  }
  const record = asRecord(value)
  if (!record) throw new ModelError('model_invalid', path, `${path} holds no JSON object; download it again`)
  return record
}
