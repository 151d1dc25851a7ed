/**
 * Copies of a family's fixture whose embedding and head have more rows than the tokenizer has tokens. The rows beyond
 * are those of a token, doubled in the head: drawn more often than any other unless they are kept from it.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MISTRAL_TEMPLATE } from './call-templates.js'
import { shardBytes, type ShardTensor } from './checkpoint-folder.js'

export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/families/${name}`, import.meta.url))

/** Two of its tokens are the marks of thinking; the template opens it, or closes it where it is switched off. */
export function thinkingFolder(dir: string, name: string): string {
  cpSync(fixture(name), dir, { recursive: true })
  const path = join(dir, 'tokenizer.json')
  const tokenizer = JSON.parse(readFileSync(path, 'utf8')) as {
    added_tokens: object[]
    model: { vocab: Record<string, number>; merges: unknown[] }
  }
  const { an, on, ...vocab } = tokenizer.model.vocab
  const mark = (id: number, content: string): object => ({ id, content, special: false, normalized: false })
  tokenizer.added_tokens.push(mark(an, '<think>'), mark(on, '</think>'))
  tokenizer.model.vocab = vocab
  tokenizer.model.merges = tokenizer.model.merges.slice(0, 4)
  writeFileSync(path, JSON.stringify(tokenizer))
  writeFileSync(join(dir, 'chat_template.jinja'), THINKING_TEMPLATE)
  return dir
}

const THINKING_TEMPLATE =
  "{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] }}<|end|>{% endfor %}" +
  '{% if add_generation_prompt %}<|start|>assistant\n<think>\n' +
  '{% if enable_thinking is defined and not enable_thinking %}\n</think>\n\n{% endif %}{% endif %}'

/** One of its tokens is the special token that Mistral's calls begin with; a longer context, for what tools take. */
export function mistralCallsFolder(dir: string, name: string): string {
  cpSync(fixture(name), dir, { recursive: true })
  const path = join(dir, 'tokenizer.json')
  const tokenizer = JSON.parse(readFileSync(path, 'utf8')) as {
    added_tokens: object[]
    model: { vocab: Record<string, number>; merges: unknown[] }
  }
  const { on, ...vocab } = tokenizer.model.vocab
  tokenizer.added_tokens.push({ id: on, content: '[TOOL_CALLS]', special: true, normalized: false })
  tokenizer.model.vocab = vocab
  tokenizer.model.merges = tokenizer.model.merges.slice(0, 5)
  writeFileSync(path, JSON.stringify(tokenizer))
  writeFileSync(join(dir, 'chat_template.jinja'), MISTRAL_TEMPLATE)
  const config = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8')) as object
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 512 }))
  return dir
}

/** `extra` rows like those of `token`; `generation`: its `generation_config.json`. */
export function paddedFolder(
  dir: string,
  { name, extra, token, generation }: { name: string; extra: number; token: number; generation?: object },
): string {
  cpSync(fixture(name), dir, { recursive: true })
  const weights = join(dir, 'model.safetensors')
  const tensors = tensorsOf(readFileSync(weights)).map((tensor) => {
    const isHead = tensor.name === 'lm_head.weight'
    if (!isHead && tensor.name !== 'model.embed_tokens.weight') return tensor
    const [rows, width] = tensor.shape
    const row = tensor.data.slice(token * width * 2, (token + 1) * width * 2)
    const more = Array.from({ length: extra }, () => (isHead ? doubled(row) : row))
    return { ...tensor, shape: [rows + extra, width], data: Buffer.concat([tensor.data, ...more]) }
  })
  writeFileSync(weights, shardBytes(tensors))
  const config = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8')) as { vocab_size: number }
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ ...config, vocab_size: config.vocab_size + extra }))
  if (generation) writeFileSync(join(dir, 'generation_config.json'), JSON.stringify(generation))
  return dir
}

function tensorsOf(file: Buffer): ShardTensor[] {
  const length = Number(file.readBigUInt64LE())
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => ({
        name,
        dtype,
        shape,
        data: file.subarray(8 + length + from, 8 + length + to),
      }),
    )
}

/** BF16: twice a value has an exponent that is one more. */
function doubled(row: Uint8Array): Uint8Array {
  const out = Buffer.from(row)
  for (let at = 0; at < out.length; at += 2) out.writeUInt16LE(out.readUInt16LE(at) + 0x80, at)
  return out
}
