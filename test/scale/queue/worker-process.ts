/** A worker in a process of its own, to be killed: `worker-process.ts URL FINGERPRINT PACE_MS`. Says `ready`. */
import { setTimeout } from 'node:timers/promises'
import { worker } from '../../../src/scale/queue/worker.js'
import { countingEngine } from './counting-engine.js'

const [redis, fingerprint, paceMs] = process.argv.slice(2)
const engine = countingEngine(fingerprint, () => setTimeout(Number(paceMs)))
void worker({ redis, engine, model: 'counting', width: 64 }).then(() => console.log('ready'))
