// What a host says of a request, read from two small structs in memory. Sampling, 32 bytes: f64 temperature, f64 top-p,
// f64 min-p, i32 top-k, i32 unused. Key, 12 bytes: u32 seed low, seed high, choice.
import { check } from './memory'
import { INVALID } from './status'

/** Below this a temperature is greedy: differences of the last bit of a logit would be decided for sure anyway. */
const GREEDY_BELOW: f64 = 1e-5

// prettier-ignore
@inline export function temperatureOf(sampling: usize): f64 { return load<f64>(sampling) }
// prettier-ignore
@inline export function topPOf(sampling: usize): f64 { return load<f64>(sampling, 8) }
// prettier-ignore
@inline export function minPOf(sampling: usize): f64 { return load<f64>(sampling, 16) }
// prettier-ignore
@inline export function topKOf(sampling: usize): i32 { return load<i32>(sampling, 24) }
// prettier-ignore
@inline export function isGreedy(sampling: usize): bool { return temperatureOf(sampling) < GREEDY_BELOW }

/** 0 if the pointer is good and the transforms make sense. */
export function checkSampling(sampling: usize): i32 {
  const status = check(sampling, 4, 8)
  if (status < 0) return status
  const fine =
    temperatureOf(sampling) >= 0 && topKOf(sampling) >= 0 &&
    topPOf(sampling) >= 0 && topPOf(sampling) <= 1 &&
    minPOf(sampling) >= 0 && minPOf(sampling) <= 1
  return fine ? 0 : INVALID
}

/** 0 if the pointer is good. */
export function checkKey(key: usize): i32 {
  return check(key, 3, 4)
}
