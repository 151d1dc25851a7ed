/** What constants of the policy are worth at other values, by replay. */
import policy from '../results/policy.json' with { type: 'json' }
import { type Figures, from, table } from './markers.js'

const three = (value: number): string => value.toFixed(3)

const value = ({ how, value }: { how: string; value: number | null }): string =>
  how === 'as it is' ? '' : how === 'off' ? 'off' : String(value)

export const policyFigures: Figures = {
  'policy-from': () => from(policy, 'policy.json', '../'),
  'policy-constants': () =>
    table(
      ['constant', 'value', 'of best', 'misjudged', 'texts', 'least', 'held out', 'least'],
      policy.results.constants.map((row) => [
        row.constant === '' ? 'as they are' : `\`${row.constant}\``,
        value(row),
        three(row['of best']),
        three(row.misjudged),
        three(row.texts),
        three(row['least of texts']),
        three(row['held out']),
        three(row['least held out']),
      ]),
    ),
}
