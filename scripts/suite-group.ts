/**
 * Runs the uvu suites named on the command line in this process, which none of them may change for the others: opening
 * ONNX Runtime here is an error (`suite-needs.ts` says how a suite gets a process of its own).
 */
import { resolve } from 'node:path'
import { run } from 'uvu/run'

const open = process.dlopen.bind(process)
process.dlopen = (module, filename, flags) => {
  if (/onnxruntime|koffi/.test(String(filename)))
    throw new Error('a suite that opens native libraries says "// @process own" in its first line')
  return flags === undefined ? open(module, filename) : open(module, filename, flags)
}

void run(process.argv.slice(2).map((name) => ({ name, file: resolve(name) })))
