/**
 * schemathesis (PyPI) against `sequoia serve`: requests made from `openapi.json`, right and wrong ones, some thousands.
 * No answer may be a fault of the server or other than the document says, and no wrong request may be answered.
 * Minutes; `SCHEMATHESIS_EXAMPLES` sets the examples a route.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finished, servedUrl, start } from '../support/cli.js'
import { pythonTest } from '../support/python.js'
import { tempFolder } from '../support/temp-folder.js'

const EXAMPLES = process.env.SCHEMATHESIS_EXAMPLES ?? '100'
/**
 * Left out: that every request which fits the schemas is answered. Fields depend on one another and on the model, which
 * JSON schemas do not say.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
]
/** A request that allows its answer 1 ms gets 504, as it asked. */
const CONFIG = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", 504]\n'

const schemathesis = suite('schemathesis')

pythonTest(
  schemathesis,
  `no fault and no surprise in ${EXAMPLES} examples a route and mode`,
  ['schemathesis==4.32.5'],
  async (bin) => {
    const server = start([
      'serve',
      '--model',
      'micro',
      '--max-context',
      '96',
      '--tool-prompt',
      'generic',
      '--port',
      '0',
    ])
    try {
      const url = await servedUrl(server)
      const config = join(tempFolder(), 'schemathesis.toml')
      writeFileSync(config, CONFIG)
      const args = [
        '--config-file',
        config,
        'run',
        `${url}/v1/openapi.json`,
        '--url',
        `${url}/v1`,
        '--checks',
        CHECKS.join(','),
        '--phases',
        'examples,coverage,fuzzing',
        '--max-examples',
        EXAMPLES,
        '--seed',
        '1',
        '--continue-on-failure',
        '--suppress-health-check',
        'all',
        '--no-color',
      ]
      const { code, out, err } = await finished(
        spawn(join(bin, 'schemathesis'), args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: tempFolder() }),
      )
      console.log(out.slice(out.indexOf('SUMMARY') - 40))
      assert.is(code, 0, out + err)
      assert.match(out, /Tested: 5/)
      assert.equal(
        await (
          await fetch(`${url}/healthz`)
        )
          .json()
          .then(({ running, waiting, slotsUsed }) => ({ running, waiting, slotsUsed })),
        { running: 0, waiting: 0, slotsUsed: 0 },
      )
    } finally {
      server.kill('SIGKILL')
    }
  },
)

schemathesis.run()
