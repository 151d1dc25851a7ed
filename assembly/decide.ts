// The random choices of a verification walk: accept or reject, and a token from what is left. Numbered within the walk
// and drawn from a stream of their own (domain WALK). With a script set, choices follow it instead, and their
// probabilities are written down: so tests sum over every path of the very code that ships.
import { check } from './memory'
import { deriveKey, key0, key1, threefry, WALK, word0, word1 } from './threefry'

let walkKey0: u32 = 0
let walkKey1: u32 = 0
let walkPosition: u32 = 0
let choices: i32 = 0

/** Bytes, 1 to accept: the script, 0 for none. */
let script: usize = 0
let scriptLength: i32 = 0
/** f64 [scriptLength]: probability of acceptance at each choice. */
let chances: usize = 0
/** f64 [vocab]: the law of the last token. */
let law: usize = 0
let lawLength: i32 = 0

/** Starts a walk's stream. */
export function beginWalk(key: usize, rootPosition: u32): void {
  deriveKey(key, WALK, 0)
  walkKey0 = key0
  walkKey1 = key1
  walkPosition = rootPosition
  choices = 0
  // A host may have freed the script's arrays since.
  if (
    script != 0 &&
    (check(script, scriptLength, 1) < 0 || check(chances, scriptLength, 8) < 0 || check(law, lawLength, 8) < 0)
  )
    setScript(0, 0, 0, 0, 0)
}

/** Sets the script for walks from here on; all 0 ends it. */
export function setScript(decisions: usize, length: i32, outChances: usize, outLaw: usize, vocab: i32): void {
  script = decisions
  scriptLength = length
  chances = outChances
  law = outLaw
  lawLength = vocab
}

/** Choices the last walk made. */
export function choicesMade(): i32 {
  return choices
}

/** True with this probability. */
export function decide(chance: f64): bool {
  if (script == 0) return uniform() < chance
  const i = choices++
  if (i >= scriptLength) return false
  store<f64>(chances + (<usize>i << 3), min<f64>(1, max<f64>(0, chance)))
  return load<u8>(script + i) != 0
}

/** Uniform in [0, 1), 53 bits. */
function uniform(): f64 {
  threefry(walkKey0, walkKey1, walkPosition, choices++)
  return <f64>((<u64>word0 << 21) ^ (<u64>word1 >> 11)) * 1.1102230246251565e-16
}

/** A token with probability mass[x] / sum; f64 [vocab], sum > 0. */
export function drawFrom(mass: usize, vocab: i32, sum: f64): i32 {
  if (script != 0) {
    for (let x = 0; x < min(vocab, lawLength); x++)
      store<f64>(law + (<usize>x << 3), load<f64>(mass + (<usize>x << 3)) / sum)
    return 0
  }
  let left = uniform() * sum
  let last = -1
  for (let x = 0; x < vocab; x++) {
    const share = load<f64>(mass + (<usize>x << 3))
    if (share <= 0) continue
    last = x
    left -= share
    if (left < 0) break
  }
  return last
}
