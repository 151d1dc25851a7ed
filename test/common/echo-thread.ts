/** The program of a thread that says what it was given. */
import { parentPort, workerData } from 'node:worker_threads'

parentPort!.postMessage({ echo: workerData as unknown })
