/** The real model's file, for tests of it; the tests' set-up (scripts/test.mjs) pulls it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'uvu'
import { cacheFolder } from '../../src/common/cache-folder.js'

export const smollm2File = join(cacheFolder(), 'sources', 'SmolLM2-135M-Instruct.Q4_1.gguf')

/** `test`, or a skip that names itself, for tests that need the real model. */
export const realModelTest: Test['skip'] = existsSync(smollm2File)
  ? test
  : (name, ...rest) => {
      console.log(`skipped (SmolLM2 is not in the cache; \`sequoia pull smollm2-135m\` gets it): ${String(name)}`)
      test.skip(name, ...rest)
    }
