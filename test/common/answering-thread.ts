/** The program of a thread that answers with what it was asked, says nothing to "wait", and ends at "end". */
import { parentPort } from 'node:worker_threads'

parentPort!.on('message', ({ id, text }: { id: number; text: string }) => {
  if (text === 'end') throw new Error('asked to end')
  if (text !== 'wait') parentPort!.postMessage({ id, text: `${text}!` })
})
