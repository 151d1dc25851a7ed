/** V as whole numbers: one static step a channel, from what calibration saw of it. No weight is changed. */
import { ACTIVATION_LEVELS } from '../w8a8/steps.js'
import type { Calibration } from '../weight-format.js'

/**
 * How much further than calibration saw a channel may reach before it is cut off. Of 1, 1.15, 1.3 and 1.6, KL to fp32
 * is .0040, .0033, .0037 and .0036 (SmolLM2, rows 256 to 511 of three texts, each ± .0002).
 */
const HEADROOM = 1.15

/** Where calibration saw a channel of zeros alone, any step does. */
export const findValueSteps: Calibration['balance'] = (layer, _spec, { v }) => {
  layer.vSteps = v.map((most) => (most === 0 ? 1 : (HEADROOM * most) / ACTIVATION_LEVELS))
  return {}
}
