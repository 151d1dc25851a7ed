/** `hf.co/ORG/REPO[:FILE or quantization]`: what of a repository of the Hugging Face hub is meant. */
import { InvalidArgumentError } from '../../spec/errors.js'
import { partsOf } from '../../checkpoint/gguf/index.js'

export interface HubReference {
  /** As it was given. */
  given: string
  /** `ORG/REPO` */
  repository: string
  /** A file's name, or a quantization such as `Q4_K_M`; null: what the repository has. */
  variant: string | null
}

/** A file as the hub's metadata have it. */
export interface HubFile {
  name: string
  bytes: number
  /** Hex; of files in large file storage. */
  sha256: string | null
  /** Git's SHA-1 of the blob, hex. */
  blob: string | null
}

const REFERENCE = /^(?:https:\/\/)?(?:hf\.co|huggingface\.co)\/(\w[\w.-]*\/\w[\w.-]*?)\/?(?::([\w./-]+))?$/
/** What makes a checkpoint folder, and the card that states its licence. */
const FOLDER = new RegExp(
  String.raw`^(?:(?:config|generation_config|tokenizer|tokenizer_config|model\.safetensors\.index)\.json` +
    String.raw`|chat_template\.jinja|README\.md|model(?:-\d+-of-\d+)?\.safetensors)$`,
)
/** PyTorch's own file, where there are no safetensors. */
const ARCHIVE = 'pytorch_model.bin'
/** Taken where a repository has several quantizations and none was named. */
const USUAL = 'Q4_K_M'

/** Null for what is no reference to the hub. */
export function parseHubReference(text: string): HubReference | null {
  const found = REFERENCE.exec(text)
  return found && { given: text, repository: found[1], variant: found[2] ?? null }
}

/**
 * The files that a reference stands for: a GGUF file or all parts of a split one, with the sampling defaults beside it
 * where there are any, or a checkpoint folder. Throws
 * `InvalidArgumentError` with what there is to choose from where that is none, or more than one.
 */
export function chooseFiles({ given, variant }: HubReference, files: readonly HubFile[]): HubFile[] {
  const models = ggufModels(files)
  const weights = files.some(({ name }) => isWeights(name)) ? null : files.find(({ name }) => name === ARCHIVE)
  const isFolder = files.some(({ name }) => name === 'config.json') && weights !== undefined
  if (variant === null && isFolder) return files.filter((file) => FOLDER.test(file.name) || file === weights)
  const wanted = variant === null ? models : models.filter((model) => model.some(({ name }) => fits(name, variant)))
  const usual = variant === null ? models.filter(([first]) => fits(first.name, USUAL)) : []
  const [only, ...others] = wanted.length === 1 ? wanted : usual
  if (only && others.length === 0) return [...only, ...files.filter(({ name }) => name === 'generation_config.json')]
  const names = models.map(([first]) => first.name).join(', ') || 'no GGUF file and no weights with a config.json'
  const fault = variant !== null && wanted.length === 0 ? `has nothing called ${variant}` : 'may mean several files'
  throw new InvalidArgumentError(
    'NAME',
    models.length === 0
      ? `${given} is no model that can be read: it has ${names}`
      : `${given} ${fault}; it has ${names}`,
  )
}

/** GGUF files; of a split model all parts together, where all are there. */
function ggufModels(files: readonly HubFile[]): HubFile[][] {
  const byName = new Map(files.map((file) => [file.name, file]))
  const models = new Map<string, HubFile[]>()
  for (const { name } of files.filter((file) => /\.gguf$/i.test(file.name))) {
    const parts = partsOf(name)
    const found = parts.map((part) => byName.get(part)).filter((part) => part !== undefined)
    if (found.length === parts.length) models.set(parts[0], found)
  }
  return [...models.values()]
}

const isWeights = (name: string): boolean => FOLDER.test(name) && name.endsWith('.safetensors')

/** A whole name, or a quantization that stands in it as a word of its own. */
function fits(name: string, variant: string): boolean {
  if (name === variant) return true
  const word = variant.toLowerCase().replace(/[.]/g, '\\.')
  return new RegExp(`(?:^|[-._/])${word}(?:[-./]|$)`).test(name.toLowerCase())
}
