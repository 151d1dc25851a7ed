/**
 * Opens a toy graph in the runtime that the first argument names and closes it again, `milliseconds` (the second one)
 * later.
 */
import { setTimeout as later } from 'node:timers/promises'
import { openForward } from '../../src/runtime/open-forward.js'
import { writeToyGraph } from './toy-graph.js'

const [, , runtime, milliseconds = '0'] = process.argv
const forward = await openForward(writeToyGraph('int8'), { runtime: runtime as 'binding' | 'portable' })
await later(Number(milliseconds))
await forward.dispose()
