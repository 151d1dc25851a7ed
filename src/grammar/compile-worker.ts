/** The thread that `CompilerThread` starts: texts in, images of their compiled grammars out, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { ImageCompiler, type Outcome, type Vocabulary } from './compiler.js'

export type Answer = { id: number } & (Outcome | { failed: string })

const compiler = new ImageCompiler(workerData as Vocabulary)
let last = Promise.resolve()

parentPort!.on('message', ({ id, text }: { id: number; text: string }) => {
  last = last.then(async () => {
    const outcome = await compiler.compile(text).catch((error: Error) => ({ failed: error.message }))
    const answer: Answer = { id, ...outcome }
    parentPort!.postMessage(answer, 'image' in outcome ? [outcome.image.bytes.buffer] : [])
  })
})
