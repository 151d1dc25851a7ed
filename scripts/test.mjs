/** `npm test`. Plain JavaScript only to make TypeScript loadable; the work is in `check.ts`. */
import { register } from 'tsx/esm/api'

register()
void import('./check.ts').then(({ check }) => check())
