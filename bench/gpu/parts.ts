/** The parts of the benchmark, in the order that they are run: what is missed least when time runs out comes last. */
import type { Part } from './kit.js'
import { offload } from './offload.js'
import { equality, facts } from './pair.js'
import { vllm } from './vllm.js'
import { batch, graphs, whole } from './whole.js'

export const PARTS: Readonly<Record<string, Part>> = {
  facts,
  equality: equality('fp16'),
  'equality-q4': equality('q4'),
  '7b': whole('7b'),
  offload,
  batch,
  '13b': whole('13b'),
  '33b': whole('33b'),
  graphs,
  vllm,
}
