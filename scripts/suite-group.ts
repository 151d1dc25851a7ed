/**
 * `suite-group.ts [--native] FILE ...`: runs uvu suites in this process, which none of them may change for the others.
 * Opening ONNX Runtime is an error unless all of them say that they do (`suite-needs.ts`).
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from 'uvu/run'

const { values, positionals } = parseArgs({ options: { native: { type: 'boolean' } }, allowPositionals: true })
const open = process.dlopen.bind(process)
process.dlopen = (module, filename, flags) => {
  if (/onnxruntime|koffi/.test(String(filename)) && !values.native)
    throw new Error('a suite that opens native libraries says "// @process native" or "own" in its first line')
  return flags === undefined ? open(module, filename) : open(module, filename, flags)
}

void run(positionals.map((name) => ({ name, file: resolve(name) })))
