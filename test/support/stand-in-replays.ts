/**
 * What recordings of a GPU would hold its passes to, over the stand-in: all of a recording's tensors lie on the device,
 * where they lay when it was recorded, and no run of such a session goes without a number.
 */
import type { OrtApi, Pointer } from '../../src/runtime/binding/api.js'
import { RuntimeError } from '../../src/spec/errors.js'
import { replayingOptions } from './stand-in-device.js'

interface Value {
  address: Pointer
  bytes: number
  isHost: boolean
}

interface Recording {
  places: string
  /** What its inputs were, but for those that are outputs as well. */
  inputs: { address: Pointer; bytes: Uint8Array }[]
}

export interface ReplayCounts {
  captures: number
  replays: number
  /** Runs of replaying sessions that are neither. */
  afresh: number
}

/**
 * Watches from here on; `stop` ends it. `isStale`: replays compute with the inputs that were recorded, as they do where
 * a copy from the host was recorded with what lay there.
 */
export function watchReplays(api: OrtApi, { isStale = false } = {}): { counts: ReplayCounts; stop: () => void } {
  const counts: ReplayCounts = { captures: 0, replays: 0, afresh: 0 }
  const values = new Map<Pointer, Value>()
  const ids = new Map<Pointer, string>()
  const sessions = new Set<Pointer>()
  const recordings = new Map<string, Recording>()
  const [create, call, callAsync] = [api.create.bind(api), api.call.bind(api), api.callAsync.bind(api)]
  const pointers = (address: unknown, count: unknown): Pointer[] =>
    Array.from(new BigUint64Array(api.view(address as Pointer, 8 * (count as number))))

  const before = (session: Pointer, options: Pointer, inputs: Pointer[], outputs: Pointer[]): void => {
    const id = ids.get(options)
    if (id === undefined) throw new RuntimeError('a replaying session runs without a number: it would be recorded as 0')
    if (id === '-1') return void counts.afresh++
    const all = [...inputs, ...outputs].map((value) => values.get(value))
    if (all.some((value) => value === undefined || value.isHost))
      throw new RuntimeError(`recording ${id} has tensors beside the device`)
    const places = all.map((value) => `${value!.address}+${value!.bytes}`).join()
    const known = recordings.get(`${session} ${id}`)
    if (!known) {
      counts.captures++
      const written = new Set(outputs.map((value) => values.get(value)!.address))
      const read = inputs.map((value) => values.get(value)!).filter(({ address }) => !written.has(address))
      const kept = read.map(({ address, bytes }) => ({ address, bytes: copyOf(api, address, bytes) }))
      recordings.set(`${session} ${id}`, { places, inputs: kept })
      return
    }
    counts.replays++
    if (known.places !== places) throw new RuntimeError(`recording ${id} is replayed with tensors in other places`)
    if (isStale)
      for (const { address, bytes } of known.inputs) new Uint8Array(api.view(address, bytes.length)).set(bytes)
  }

  api.create = (name, args) => {
    const made = create(name, args)
    if (name === 'CreateTensorWithDataAsOrtValue') {
      const [info, address, bytes] = args
      const at = typeof address === 'bigint' ? address : api.address(address as ArrayBufferView)
      values.set(made, { address: at, bytes: Number(bytes), isHost: info === api.cpu })
    }
    return made
  }
  api.call = (name, ...args) => {
    if (name === 'AddRunConfigEntry') ids.set(args[0] as Pointer, String(args[2]))
    call(name, ...args)
  }
  api.callAsync = async (name, ...args) => {
    if (name === 'Run' && sessions.has(args[0] as Pointer)) {
      const [session, options, , inputs, inputCount, , outputCount, outputs] = args
      before(session as Pointer, options as Pointer, pointers(inputs, inputCount), pointers(outputs, outputCount))
    }
    await callAsync(name, ...args)
    if (name === 'CreateSession' && replayingOptions.has(args[2] as Pointer)) sessions.add(pointers(args[3], 1)[0])
  }
  return {
    counts,
    stop: () => {
      for (const name of ['create', 'call', 'callAsync']) Reflect.deleteProperty(api, name)
    },
  }
}

function copyOf(api: OrtApi, address: Pointer, bytes: number): Uint8Array {
  return new Uint8Array(api.view(address, bytes)).slice()
}
