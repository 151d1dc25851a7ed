/** V as whole numbers: one static step a channel, from what calibration saw of it. No weight is changed. */
import { ACTIVATION_LEVELS } from '../w8a8/steps.js'
import type { Calibration } from '../weight-format.js'

/** Where calibration saw a channel of zeros alone, any step does. */
export const findValueSteps: Calibration['balance'] = (layer, _spec, { v }) => {
  layer.vSteps = v.map((most) => (most === 0 ? 1 : most / ACTIVATION_LEVELS))
  return {}
}
