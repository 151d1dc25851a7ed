/** Runs the uvu suites named on the command line in this process. */
import { resolve } from 'node:path'
import { run } from 'uvu/run'

void run(process.argv.slice(2).map((name) => ({ name, file: resolve(name) })))
