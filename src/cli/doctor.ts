/** `sequoia doctor`: what a bug report should say of a machine, and what would make it faster. */
import { homedir } from 'node:os'
import type { Command } from './command.js'
import { adviceFor } from './doctor/advice.js'
import { gatherFacts } from './doctor/facts.js'
import { reportOf } from './doctor/report.js'
import { parse, toggle } from './flags.js'

const flags = { json: toggle('print one JSON object: the facts, and advice') }

export const doctor: Command = {
  name: 'doctor',
  summary: 'say what this machine is and what would make it faster, to paste into a report',
  usage: 'doctor [--json]',
  flags,
  async run(argv) {
    const { values } = parse(flags, argv, null)
    const facts = await gatherFacts()
    const advice = adviceFor(facts)
    console.log(
      values.json ? JSON.stringify({ ...facts, advice }) : reportOf(facts, advice, homedir(), process.stdout.columns),
    )
    return 0
  },
}
