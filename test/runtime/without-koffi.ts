/** Run in a process of its own where koffi cannot be imported; prints what opening a model came to. */
import { register } from 'node:module'
import { openForward, whyNotBinding } from '../../src/runtime/open-forward.js'
import { writeToyGraph } from './toy-graph.js'

const hook = `export async function resolve(name, context, next) {
  if (name === 'koffi') throw new Error('no koffi on this machine')
  return next(name, context)
}`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

async function main(): Promise<void> {
  const forward = await openForward(writeToyGraph('int8'))
  const refused: unknown = await openForward(writeToyGraph('int8'), { runtime: 'binding' }).catch(
    (error: unknown) => error,
  )
  process.stdout.write(JSON.stringify({ kind: forward.kind, reason: await whyNotBinding(), refused: String(refused) }))
  await forward.dispose()
}
void main()
