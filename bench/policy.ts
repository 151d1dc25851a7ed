/**
 * `npm run bench -- policy [constants [NAME ...]]`: what the policy's trees would bring, by replay: no model and no
 * clock. Texts differ in how often their drafts are accepted, children are accepted at random as measured vectors say,
 * and steps take what a table of passes says, up to a tenth more or less. So policies can be compared under any load on
 * any machine. Ways: no trees, two fixed shapes, the planner's tree for what texts have in common, and the policy as
 * engines have it.
 */
import { Core } from '../src/core/index.js'
import { namesOf, optionOf } from './option.js'
import { CONSTANTS, constantRows } from './policy/constants.js'
import { TEXTS } from './policy/replay.js'
import { Scores } from './policy/score.js'

export const name = 'policy'
export const describe = 'the policy beside fixed trees, by replay of measured acceptance; what its constants are worth'

/** `args`: `--seeds=N,N` (1 and 2 if left out), `--texts=N` (60) made-up texts a scene. */
export async function run([part, ...args]: readonly string[]): Promise<object> {
  const asked = part === 'constants' ? args : [part ?? '', ...args]
  const seeds = (optionOf(asked, 'seeds') ?? '1,2').split(',').map(Number)
  const scores = new Scores(Core.load(), seeds, Number(optionOf(asked, 'texts') ?? TEXTS))
  if (part === 'constants')
    return {
      constants: constantRows(scores, namesOf(args, { what: 'constant', known: CONSTANTS, usual: CONSTANTS })),
    }
  const rows = scores.rows().map(({ scene: { machine, kind, among }, shapes, ...row }) => ({
    machine,
    kind,
    among,
    ...shapes,
    default: row.default,
    'default, least': row.least,
  }))
  return { rows, score: [scores.score()] }
}
