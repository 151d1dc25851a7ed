/** The format that a run of the long suites is about: `npm run acceptance -- NAME --format=q4`. */
import { formatNamed, usualFormat } from '../../src/formats/index.js'

/** Where the script leaves it for suites. */
export const FORMAT_VARIABLE = 'SEQUOIA_ACCEPTANCE_FORMAT'

export const testedFormat: string = formatNamed(process.env[FORMAT_VARIABLE] ?? usualFormat('cpu').name).name
