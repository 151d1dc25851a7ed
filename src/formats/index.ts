/** The weight formats there are: a file and a line each. Whoever embeds the package may set others. */
import type { DeviceName } from '../runtime/binding/device.js'
import { InvalidArgumentError } from '../spec/errors.js'
import { show } from '../spec/check-values.js'
import { hasOwnBasis, type ModelSpec } from '../spec/model-spec.js'
import { fp16 } from './fp16.js'
import { fp32 } from './fp32.js'
import { q4 } from './q4/q4.js'
import type { TableKind } from './table.js'
import { w8a8 } from './w8a8/w8a8.js'
import type { WeightFormat } from './weight-format.js'

/** The formats that come with the package. */
const BUILT_IN = [fp32, fp16, w8a8, q4] as const

/** A weight format's name: `fp32`, `fp16`, `w8a8`, `q4`, or that of one set besides. */
export type FormatName = (typeof BUILT_IN)[number]['name'] | (string & {})

/** By name. */
export const formats = new Map<string, WeightFormat>(BUILT_IN.map((format) => [format.name, format]))

/** Throws `InvalidArgumentError` for a name that no format has. */
export function formatNamed(name: FormatName): WeightFormat {
  const format = formats.get(name)
  if (format) return format
  throw new InvalidArgumentError('format', `format must be one of ${[...formats.keys()].join(', ')}; got ${show(name)}`)
}

/** Names of the formats that a test holds for. */
export function formatsThat(test: (format: WeightFormat) => boolean): string[] {
  return [...formats.values()].filter(test).map(({ name }) => name)
}

/** The basis that drafts read a format's features in. */
export function featureBasis(format: WeightFormat): WeightFormat['basis'] {
  return format.featureBasis ?? format.basis
}

/** How a format stores the embeddings of a model. */
export function tableFor(
  { table, ownBasisTable = table }: Pick<WeightFormat, 'table' | 'ownBasisTable'>,
  spec: Pick<ModelSpec, 'layers'>,
): TableKind {
  return hasOwnBasis(spec) ? ownBasisTable : table
}

/** The revision of a format's files for models that keep their basis (`hasOwnBasis`), or for the others. */
export function revisionFor(
  { revision = 0, ownBasisRevision = revision }: Pick<WeightFormat, 'revision' | 'ownBasisRevision'>,
  ownBasis: boolean,
): number {
  return ownBasis ? ownBasisRevision : revision
}

/** The format that a device is given where nobody says which. */
export function usualFormat(device: DeviceName): WeightFormat {
  return [...formats.values()].find((format) => format.usualOn.includes(device))!
}
