/** Writes pickles step by step, as torch.save does, for tests. */

const u32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]
const ascii = (text: string): number[] => [...Buffer.from(text)]

export const text = (value: string): number[] => [0x58, ...u32(Buffer.byteLength(value)), ...ascii(value)]
export const int = (value: number): number[] => [0x4a, ...u32(value)]
export const global = (module: string, name: string): number[] => ascii(`c${module}\n${name}\n`)
export const tuple = (...items: number[][]): number[] => [0x28, ...items.flat(), 0x74]
export const call = (module: string, name: string, ...given: number[][]): number[] => [
  ...global(module, name),
  ...tuple(...given),
  0x52,
]

export interface TensorSteps {
  type?: string
  key?: string
  from?: number
  shape: number[]
  stride: number[]
}

export function tensor({ type = 'FloatStorage', key = '0', from = 0, shape, stride }: TensorSteps): number[] {
  const storage = [...tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(24)), 0x51]
  const parts = [storage, int(from), tuple(...shape.map(int)), tuple(...stride.map(int)), [0x89]]
  return call('torch._utils', '_rebuild_tensor_v2', ...parts, call('collections', 'OrderedDict'))
}

/** A dictionary of entries. */
export function pickle(entries: Readonly<Record<string, number[]>>): Uint8Array {
  const items = Object.entries(entries).flatMap(([name, steps]) => [...text(name), ...steps])
  return Uint8Array.from([0x80, 2, ...call('collections', 'OrderedDict'), 0x28, ...items, 0x75, 0x2e])
}
