#!/usr/bin/env node
/** Entry of the `sequoia` program. */
import { run } from './dispatch.js'

// Whoever reads us may stop early (`| head`): that is an end, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
