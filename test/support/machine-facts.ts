/** Facts of a machine on which all is well, for tests of what is said of machines. */
import type { Facts } from '../../src/cli/doctor/facts.js'

/** `change`: what is otherwise, room by room. */
export function machine(change: { [K in Exclude<keyof Facts, 'fourBitFile'>]?: Partial<Facts[K]> } = {}): Facts {
  const { versions, system, processor, memory, runtime, exact, cache, gpu } = change
  return {
    versions: { 'sequoia-onnx': '1.2.3', 'onnxruntime-node': '1.30.0', node: '20.19.0', ...versions },
    system: { platform: 'linux', arch: 'x64', release: '6.1', libc: 'glibc', ...system },
    processor: {
      model: 'A processor',
      cores: 8,
      usable: 8,
      threads: 4,
      extensions: ['avx2', 'avx512_vnni'],
      load: 0.5,
      ...processor,
    },
    memory: { total: 16e9, free: 12e9, limit: null, ...memory },
    runtime: { kind: 'binding', why: null, telemetryOff: true, ...runtime },
    exact: { w8a8: true, ...exact },
    fourBitFile: 'q4: it is quicker',
    cache: {
      dir: '/home/someone/.cache/sequoia-onnx',
      fault: null,
      free: 50e9,
      bytes: 3e8,
      pulled: 1,
      imported: 2,
      outdated: 0,
      timings: 2,
      ...cache,
    },
    gpu: { driver: false, cudaLibraries: false, ...gpu },
  }
}
