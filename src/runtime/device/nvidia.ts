/** The NVIDIA GPUs of this machine, as their driver's own program tells of them. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

export interface NvidiaGpu {
  index: number
  name: string
  totalBytes: number
  freeBytes: number
}

/** `gpus`: null where the driver is there, and its program is not. */
export interface NvidiaFacts {
  driver: string | null
  gpus: NvidiaGpu[] | null
}

const QUERY = ['--query-gpu=index,name,driver_version,memory.total,memory.free', '--format=csv,noheader,nounits']
const PATIENCE_MS = 10_000
const MIB = 2 ** 20
const DRIVER_FILES = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg']

/** Whether a driver is loaded: of the system, or of the one around it (WSL). */
export function hasNvidiaDriver(files: readonly string[] = DRIVER_FILES): boolean {
  return files.some((file) => existsSync(file))
}

/** Null where there is no driver. */
export async function nvidiaFacts(program = 'nvidia-smi', isThere = hasNvidiaDriver()): Promise<NvidiaFacts | null> {
  if (!isThere) return null
  try {
    const { stdout } = await promisify(execFile)(program, QUERY, { timeout: PATIENCE_MS })
    return readQuery(stdout)
  } catch {
    return { driver: null, gpus: null }
  }
}

/** One line a GPU: index, name, driver, MiB in all and free. */
export function readQuery(text: string): NvidiaFacts {
  const lines = text.split('\n').map((line) => line.split(',').map((part) => part.trim()))
  const rows = lines.filter((parts) => parts.length === 5)
  return {
    driver: rows[0]?.[2] ?? null,
    gpus: rows.map(([index, name, , total, free]) => ({
      index: Number(index),
      name,
      totalBytes: Number(total) * MIB,
      freeBytes: Number(free) * MIB,
    })),
  }
}
