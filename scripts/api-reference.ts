/**
 * `npm run docs:api`: writes docs/api.md, every exported declaration with its doc comment as the sources have it.
 * TypeScript 7 has no compiler API that documentation tools could use yet; ours are plain top-level declarations, which
 * end at the first line that closes them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Sections of the reference: where their declarations are, and which of them (default: all). */
const SECTIONS: { title: string; files: Record<string, readonly string[] | null> }[] = [
  {
    title: 'Opening',
    files: {
      'src/open/open-engine.ts': ['openEngine'],
      'src/api/types.ts': ['EngineOptions', 'Engine', 'EngineInfo', 'StreamedInfo'],
      'src/open/memory-plan.ts': ['MemoryPlan'],
    },
  },
  {
    title: 'Requests and answers',
    files: {
      'src/api/types.ts': [
        'GenerateRequest',
        'GeneratePart',
        'GenerateStats',
        'Ending',
        'FinishReason',
        'VerifierName',
        'ToolCallPart',
        'StepTrace',
      ],
      'src/sampling/fields.ts': null,
      'src/grammar/response-format.ts': ['ResponseFormat'],
      'src/text/text.ts': ['ChatMessage', 'Tool', 'ToolCall', 'ToolPrompt'],
    },
  },
  {
    title: 'Watching',
    files: {
      'src/observe/events.ts': null,
      'src/observe/stats.ts': ['EngineStats'],
      'src/speculation/tuning.ts': ['Tuning', 'TunedPlan', 'PassTable'],
    },
  },
  { title: 'Metrics', files: { 'src/metrics/engine-metrics.ts': null } },
  {
    title: 'Drafters',
    files: {
      'src/strategies/drafter.ts': ['Drafter', 'DraftRequest', 'DraftSession'],
      'src/strategies/plan.ts': ['Plan'],
      'src/strategies/tree.ts': ['DraftTree'],
      'src/core/types.ts': ['TokenTree', 'TreeShape', 'Verdict'],
    },
  },
  {
    title: 'Mounting',
    files: { 'adapters/options.ts': ['AdapterOptions', 'PrefixOption'], 'adapters/express/index.ts': ['sequoia'] },
  },
  { title: 'Errors', files: { 'src/spec/errors.ts': null } },
]

interface Declaration {
  name: string
  /** Without the marks of a comment. */
  comment: string
  code: string
}

/** The exported interfaces, types, classes and functions of a source text; functions without their bodies. */
export function declarationsOf(source: string): Declaration[] {
  const lines = source.split('\n')
  return lines.flatMap((line, at) => {
    const [, kind, name] = /^export (?:abstract )?(interface|type|class|(?:async )?function) (\w+)/.exec(line) ?? []
    if (kind === undefined) return []
    return {
      name,
      comment: commentAbove(lines, at),
      code: kind.endsWith('function') ? signature(line) : wholeOf(lines, at),
    }
  })
}

function commentAbove(lines: readonly string[], at: number): string {
  if (!lines[at - 1]?.trimEnd().endsWith('*/')) return ''
  let first = at - 1
  while (!lines[first].trimStart().startsWith('/**')) first--
  const marks = /^\s*(?:\/\*\*|\*(?!\/))? ?|\s*\*\/\s*$/g
  return lines
    .slice(first, at)
    .map((line) => line.replace(marks, ''))
    .join('\n')
    .trim()
}

const signature = (line: string): string => line.replace(/ \{$/, '')

/** From a declaration's first line to the one that closes it. */
function wholeOf(lines: readonly string[], at: number): string {
  const isOpen = /[{(]$/.test(lines[at])
  let end = at
  if (isOpen) while (!/^[})]/.test(lines[end])) end++
  else while (/^\s+[|&]/.test(lines[end + 1] ?? '')) end++
  return lines.slice(at, end + 1).join('\n')
}

/** Markdown of the whole reference. Throws where a listed declaration is not there. */
export function apiReference(read: (file: string) => string): string {
  const sections = SECTIONS.map(({ title, files }) => {
    const found = Object.entries(files).flatMap(([file, names]) => {
      const all = declarationsOf(read(file))
      return names === null ? all : names.map((name) => all.find((one) => one.name === name) ?? missing(name, file))
    })
    return `## ${title}\n\n${found.map(({ name, comment, code }) => `### ${name}\n${comment && `\n${comment}\n`}\n\`\`\`ts\n${code}\n\`\`\`\n`).join('\n')}`
  })
  return `# API reference\n\nWritten from the sources by \`npm run docs:api\`; the types of \`sequoia-onnx\` and \`sequoia-onnx/express\`.\n\n${sections.join('\n')}`
}

function missing(name: string, file: string): never {
  throw new Error(`${file} exports no declaration ${name}`)
}

export const readSource = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(join(ROOT, 'docs', 'api.md'), apiReference(readSource))
